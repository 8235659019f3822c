import re,pathlib
def sub(path, *pairs):
    p=pathlib.Path(path); s=p.read_text()
    for a,b in pairs:
        assert a in s, (path,a)
        s=s.replace(a,b,1)
    p.write_text(s)
sub('compliance/published/events.py',
("""    # Whether another event of the register happens on the same day.
    shares_day: bool = False
""","""    # Whether another event of the register happens on the same day.
    shares_day: bool = False
    # When an announced publication was called off.
    called_off_at: datetime | None = None
    # What a withdrawal or calling off takes back.
    takes_back: "PublicationEvent | None" = None
"""),
("""        \"\"\"When it happens; a publication happens when it takes effect, also if it is called off.\"\"\"
        is_published = self.kind is EventKind.PUBLISHED
        return self.entry.effective_from if is_published else self.told_at
""","""        \"\"\"When it happens: a publication when it takes effect, or when it is called off.\"\"\"
        if self.kind is EventKind.PUBLISHED:
            return self.called_off_at or self.entry.effective_from
        return self.told_at
"""),
("""    before, skipped = _page_before(entry, standing, at)
    yield PublicationEvent(
""","""    before, skipped = _page_before(entry, standing, at)
    is_ended = ended_at is not None and ended_at <= at
    called_off_at = ended_at if is_ended and ended_at < entry.effective_from else None
    updates = [told_at, *_updates(announced_as, before, skipped)]
    published = PublicationEvent(
"""),
("""        max([told_at, *_updates(announced_as, before, skipped)]),
        has_grades=before is (standing[-1] if standing else None),
    )
    if ended_at is None or ended_at > at:
        return
    if ended_at < entry.effective_from:
        kind, left, shown = EventKind.CALLED_OFF, entry, before
    else:
        kind, left, shown = EventKind.WITHDRAWN, entry, shown_after[entry.number]
        if shown and shown.effective_from > entry.effective_from:
            left = shown
    yield PublicationEvent(kind, entry, announced_as, left, shown, ended_at, ended_at)
""","""        max([*updates, called_off_at or told_at]),
        has_grades=before is (standing[-1] if standing else None),
        called_off_at=called_off_at,
    )
    yield published
    if ended_at is None or ended_at > at:
        return
    if called_off_at:
        # Readers never had the page.
        kind, left, shown = EventKind.CALLED_OFF, before, before
    else:
        kind, left, shown = EventKind.WITHDRAWN, entry, shown_after[entry.number]
        if shown and shown.effective_from > entry.effective_from:
            left = shown
    yield PublicationEvent(
        kind, entry, announced_as, left, shown, ended_at, ended_at, takes_back=published
    )
"""))
s=pathlib.Path('compliance/published/events.py'); t=s.read_text()
t=t.replace("""    is_ended = ended_at is not None and ended_at <= at
    called_off_at = ended_at if is_ended and ended_at < entry.effective_from else None
""","""    called_off_at = None
    if ended_at and ended_at <= at and ended_at < entry.effective_from:
        called_off_at = ended_at
""").replace("    updates = [told_at, *_updates(announced_as, before, skipped)]\n","").replace("        max([*updates, called_off_at or told_at]),\n","        max([told_at, called_off_at or told_at, *_updates(announced_as, before, skipped)]),\n"); s.write_text(t)
sub('compliance/published/changelog.py',
("""    \"\"\"Return what an event changed, weaker changes first; raises StoreFault.

    Changes that the submitter graded have the effects that were given.
    \"\"\"
""","""    \"\"\"Return what an event changed, weaker changes first; raises StoreFault.

    Changes that the submitter graded have the effects that were given. Calling off changes nothing
    for readers: its changes are the announced ones, which do not come.
    \"\"\"
    if event.kind is EventKind.CALLED_OFF and event.takes_back:
        return event_changes(index, event.takes_back)
"""),
("from compliance.published.events import PublicationEvent","from compliance.published.events import EventKind, PublicationEvent"))
sub('compliance/published/change_filter.py',
("""    def wanted(self, changes: Iterable[AffectedChange]) -> list[AffectedChange]:
        \"\"\"Return the changes that are wanted.\"\"\"
        return [affected for affected in changes if self._wants(_traits(affected))]
""","""    def wanted_of(self, index: Index, event: PublicationEvent) -> list[AffectedChange]:
        \"\"\"Return the changes of an event that are wanted; raises StoreFault.

        Those of a withdrawal are wanted whatever their effect: what ends a weaker change is
        stronger.
        \"\"\"
        is_withdrawal = event.kind is EventKind.WITHDRAWN
        wanted = replace(self, effect=None) if is_withdrawal else self
        changes = event_changes(index, event)
        return [affected for affected in changes if wanted._wants(_traits(affected))]
"""),
("""        return any(map(self._wants, _event_traits(index, event)))
""","""        # Who was told of a change is told that it was taken back.
        told = [event, event.takes_back] if event.takes_back else [event]
        return any(self._wants(traits) for each in told for traits in _event_traits(index, each))
"""),
("from dataclasses import dataclass\n","from dataclasses import dataclass, replace\n"),
("from compliance.published.events import PublicationEvent","from compliance.published.events import EventKind, PublicationEvent"))
sub('compliance/published/offerings.py',
("""    for event in reversed(list_events(index, at)):
        is_published = event.kind is EventKind.PUBLISHED
        is_shown = event.changes_page and event.kind is not EventKind.CALLED_OFF
        if is_published or is_shown:
            ended_at = event.entry.ended_at
            is_called_off = is_published and ended_at is not None and ended_at < event.moment
            yield ShownPage(event.after, event.entry.number, event.moment, is_called_off)
""","""    pages: list[ShownPage] = []
    for event in reversed(list_events(index, at)):
        is_published = event.kind is EventKind.PUBLISHED
        if is_published or event.changes_page:
            since = event.entry.effective_from if is_published else event.moment
            is_called_off = event.called_off_at is not None
            pages.append(ShownPage(event.after, event.entry.number, since, is_called_off))
    return sorted(pages, key=_since)
"""),
("def _shown_pages(index: Index, at: datetime) -> Iterator[ShownPage]:\n    \"\"\"Yield the","def _shown_pages(index: Index, at: datetime) -> list[ShownPage]:\n    \"\"\"Return the"),
("histories.read(index, list(_shown_pages(index, at)))","histories.read(index, _shown_pages(index, at))"),
)
sub('compliance/public/changelog.py',
("        return self.filter.wanted(changelog.event_changes(self.index, self.event))","        return self.filter.wanted_of(self.index, self.event)"),
("""        ended_at = self.entry.withdrawn_at
        return ended_at is not None and ended_at < self.entry.effective_from
""","""        return self.event.called_off_at is not None
"""))
sub('compliance/public/feeds.py',
("""        name = f"Publication {self.entry.number}"
        moment = f"{self.event.moment:%Y-%m-%d %H:%M} UTC"
        if self.is_published:
            head = f"{name}, in force from {moment}"
        elif self.is_called_off:
            head = f"{name} called off, {moment}"
        else:
            head = f"{name} withdrawn, {moment}"
        return f"{head}: {self.summary or 'nothing changed'}"
""","""        name = f"Publication {self.entry.number}"
        moment = f"{self.event.moment:%Y-%m-%d %H:%M} UTC"
        if self.never_came:
            announced_for = f"{self.entry.effective_from:%Y-%m-%d %H:%M} UTC"
            head = f"{name}, announced for {announced_for}, was called off"
        elif self.is_published:
            head = f"{name}, in force from {moment}"
        elif self.is_called_off:
            head = f"{name} called off, {moment}; does not come"
        else:
            head = f"{name} withdrawn, {moment}"
        return f"{head}: {self.summary or 'nothing changed'}"
"""),
("""        It stays the same when an announced publication takes effect.
""","""        It stays the same when an announced publication takes effect, and tells if it does not.
"""))
T='templates/public/'
sub(T+'end_facts.html',
("{% if page.summary %}<span>It undid: {{ page.summary }}</span>{% endif %}","""{% if page.summary %}
  <span>
    {% if page.is_called_off %}Does not come{% else %}Changed by it{% endif %}
    :{{ " " }}{{ page.summary }}
  </span>
{% endif %}"""),
("""  {% if not page.event.after %}
    No page is shown in its place
  {% elif page.is_called_off %}
    It does not come
""","""  {% if page.is_called_off %}
    The page that readers see stays as it is
  {% elif not page.event.after %}
    No page is shown in its place
"""))
sub(T+'taken_back.html',
("{# How a publication was taken back, and what that undid. #}","{# How a publication was taken back, and what that changed. #}"),
("      What calling it off undid","      Called off: what does not come"),
("      What its withdrawal undid","      What its withdrawal changed"))
sub(T+'feed_item.html',("{% elif item.event.announced_as %}","{% elif item.never_came %}<p>{% include \"public/feed_item_called_off.html\" %}</p>\n{% elif item.event.announced_as %}"))
pathlib.Path(T+'feed_item_called_off.html').write_text("""{% trim_lines %}
It was announced for {{ item.entry.effective_from|date:"j F Y" }},
called off on {{ item.event.called_off_at|date:"j F Y" }}, and does not come.
""")
sub(T+'feed_item_end.html',("""    was called off and does not come.
""","""    was called off and does not come. The page that readers see stays as it is.
"""),
("""  What this undid:
""","""  {% if item.is_called_off %}What does not come:{% else %}What changed:{% endif %}
"""))
sub(T+'event_summary.html',("""            {% else %}
              that this undid
""","""            {% elif event.is_called_off %}
              that do not come
            {% else %}
              of the withdrawal
"""))
sub(T+'no_changes.html',("It undid nothing: both pages say the same.","It changed nothing: both pages say the same."))
sub(T+'step_facts.html',("""  {% if page.is_waiting %}
    <strong class="announced">Announced</strong>, takes effect
  {% elif page.never_came %}
    Was announced for
  {% else %}
    In force from
  {% endif %}
  {{ " " }}
  {% include "public/event_moment.html" with moment=page.event.moment %}
""","""  {% if page.never_came %}
    Was announced for {{ page.entry.effective_from|day_element }}
  {% else %}
    {% if page.is_waiting %}
      <strong class="announced">Announced</strong>, takes effect
    {% else %}
      In force from
    {% endif %}
    {{ " " }}
    {% include "public/event_moment.html" with moment=page.event.moment %}
  {% endif %}
"""))
