from compliance.admin.components.fields import MultilineField


def test_every_line_break_becomes_a_line_feed():
    typed = "One\r\nTwo\rThree\vFour\u2028Five\u2029Six\n\nSeven\r\n"

    assert MultilineField().clean(typed) == "One\nTwo\nThree\nFour\nFive\nSix\n\nSeven"
