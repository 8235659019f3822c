// Says that a passkey was not used, where allauth would only write it to the console.
document.addEventListener('allauth.error', function (event) {
  event.preventDefault()
  document.getElementById('passkey_fault').hidden = false
})
