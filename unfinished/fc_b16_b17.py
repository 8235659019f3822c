exec(open('/tmp/fc1.py').read().split("sub('compliance/published/events.py'")[0])
sub('compliance/public/feeds.py',
('''        words = [f"{effect} changes" if effect else "what changed"]
''','''        words = [f"{effect} changes" if effect else "what changed"]
        if effect is Effect.WEAKER:
            words = ["weaker changes, with mixed and unjudged ones,"]
            if not self.model_name and not self.provider_name:
                words = ["weaker changes, with mixed and unjudged ones"]
'''))
t=pathlib.Path('compliance/public/feeds.py'); s=t.read_text()
s=s.replace('''        words = [f"{effect} changes" if effect else "what changed"]
        if effect is Effect.WEAKER:
            words = ["weaker changes, with mixed and unjudged ones,"]
            if not self.model_name and not self.provider_name:
                words = ["weaker changes, with mixed and unjudged ones"]
''','''        words = [f"{effect} changes" if effect else "what changed"]
        if effect is Effect.WEAKER:
            words = ["weaker, mixed and unjudged changes"]
''')
s=s.replace("from compliance.page import canonical\n","from compliance.page import canonical\nfrom compliance.page.diff import Effect\n")
s=s.replace('"weaker changes for One at Acme"','"stronger changes for One at Acme"')
t.write_text(s)
sub('templates/public/changes.html',("weaker changes only</a>.","weaker, mixed and unjudged changes only</a>."))
sub('templates/public/effect_legend.html',("    The others are judged by rules.\n","    The others are judged by rules.\n    Who asks for weaker changes also gets mixed ones, and unjudged ones that touch a claim or a\n    company that gets prompts.\n"))
sub('compliance/public/forms.py',('''                label="Effect", required=False, widget=forms.Select(choices=effects)
''','''                label="Effect",
                required=False,
                widget=forms.Select(choices=effects),
                help_text="Weaker also gives mixed and unjudged changes",
'''))
sub('tests/public/test_feeds.py',('"Models and privacy: weaker changes for One at Acme"\n    )','''"Models and privacy: weaker, mixed and unjudged changes for One at Acme"
    )
    assert client.get(f"{JSON}?effect=stronger").json()["title"] == (
        "Models and privacy: stronger changes"
    )'''))
sub('tests/public/test_changelog.py',('''def test_the_page_of_a_publication_shows_all_its_changes''','''def test_the_log_says_what_else_is_given_to_whoever_asks_for_weaker_changes(get):
    publish(OLD, WORSE)

    text = words(parsed(get(LOG)))

    assert "Weaker also gives mixed and unjudged changes" in text
    assert "Who asks for weaker changes also gets mixed ones, and unjudged ones that touch" in text


def test_the_page_of_a_publication_shows_all_its_changes'''))
# B17
pathlib.Path('templates/rendering/effect_sign.html').write_text('''{% trim_lines %}
{# The sign of an effect, which goes before its name. #}
{% if effect == "weaker" %}
  ▼
{% elif effect == "mixed" %}
  ◆
{% elif effect == "unjudged" %}
  ○
{% elif effect == "stronger" %}
  ▲
{% else %}
  ●
{% endif %}
''')
sub('templates/public/effect.html',('''  <span aria-hidden="true">
    {% if effect == "weaker" %}
      ▼
    {% elif effect == "mixed" %}
      ◆
    {% elif effect == "unjudged" %}
      ○
    {% elif effect == "stronger" %}
      ▲
    {% else %}
      ●
    {% endif %}
  </span>
''','''  <span aria-hidden="true">{% include "rendering/effect_sign.html" %}</span>
'''))
pathlib.Path('templates/admin/components/effect.html').write_text('''{# The sign and the name of an effect, as readers see them. #}
<span class="{% if effect == "neutral" %}quiet{% else %}effect{% endif %}">
  {% include "rendering/effect_sign.html" %}
  {{ effect|capfirst }}
</span>
''')
sub('templates/admin/components/change_counts.html',
("? {{ counts.unjudged }} not judged","○ {{ counts.unjudged }} unjudged"),
('<span>• {{ counts.neutral|default:"none" }} neither</span>','<span>● {{ counts.neutral|default:"none" }} neutral</span>'))
