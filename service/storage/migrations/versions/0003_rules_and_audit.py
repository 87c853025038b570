"""The rules with their first version, the audit, and roles.

Revision 0003.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"

#: The first version, until a lead makes another. It stands here, and is never changed:
#: what decisions were made under stays what it was.
_ENGLISH = (
    (
        "1",
        "No threats",
        (
            "Do not threaten anybody with harm, wish it on them, or call on others to do it. That somebody provoked "
            "you is no excuse, and neither is that you did not mean it."
        ),
        ("threat",),
    ),
    (
        "2",
        "Argue about the matter, not the person",
        (
            "Say what is wrong with an opinion, a decision or an article as sharply as you like. Do not insult whoever "
            "holds it: other readers, our journalists, or people in the news."
        ),
        ("insult", "toxicity", "severe_toxicity"),
    ),
    (
        "3",
        "No contempt for groups of people",
        (
            "Do not run people down for their origin, skin, religion, sex, whom they love, disability or age. "
            "Criticism of governments, churches, parties and ideas is welcome."
        ),
        ("identity_attack",),
    ),
    (
        "4",
        "Stay with the article",
        (
            "Write about what the article is about, or answer what another reader wrote about it. Where the talk has "
            "moved on from there, it has gone too far."
        ),
        ("off_topic",),
    ),
    (
        "5",
        "Mind your language",
        "Now and then a strong word is in its place. Swearing that adds nothing and gruesome or sexual detail are not.",
        ("profanity",),
    ),
    (
        "6",
        "Leave private lives private",
        (
            "Do not publish addresses, telephone numbers, workplaces, messages or pictures of others, and do not name "
            "people whom the article or the law leaves unnamed."
        ),
        (),
    ),
    (
        "7",
        "Nothing about guilt while a court decides",
        (
            "Where a case is before a court, do not say who is guilty, what a jury should find, or what is known about "
            "somebody from elsewhere."
        ),
        (),
    ),
    (
        "8",
        "No accusations that you cannot prove",
        (
            "Do not state as a fact what damages somebody's name unless it has been shown to be true. Say that it is "
            "your opinion, and what it rests on."
        ),
        (),
    ),
    (
        "9",
        "No advertising, no repetition",
        (
            "Do not advertise, collect money or votes, post the same again and again, or post what a machine wrote "
            "for you by the dozen."
        ),
        (),
    ),
    (
        "10",
        "One person, one name",
        (
            "Do not pretend to be somebody else, and do not use several accounts to agree with yourself or to report "
            "others together."
        ),
        (),
    ),
    (
        "11",
        "Nothing unlawful",
        (
            "Do not post what the law forbids, such as incitement, other people's texts and pictures without their "
            "leave, or directions for a crime."
        ),
        (),
    ),
)
_GERMAN = (
    (
        "1",
        "Keine Drohungen",
        (
            "Drohen Sie niemandem Gewalt an, wünschen Sie sie niemandem, und rufen Sie andere nicht dazu auf. Dass "
            "jemand Sie provoziert hat oder dass Sie es nicht so gemeint haben, ist keine Entschuldigung."
        ),
        ("threat",),
    ),
    (
        "2",
        "Zur Sache, nicht gegen die Person",
        (
            "Sagen Sie so scharf, wie Sie mögen, was an einer Meinung, einer Entscheidung oder einem Artikel falsch "
            "ist. Beleidigen Sie nicht die Menschen dahinter: andere Leserinnen und Leser, unsere Redaktion oder "
            "Leute, über die wir berichten."
        ),
        ("insult", "toxicity", "severe_toxicity"),
    ),
    (
        "3",
        "Keine Verachtung ganzer Gruppen",
        (
            "Setzen Sie niemanden wegen Herkunft, Hautfarbe, Religion, Geschlecht, sexueller Orientierung, Behinderung "
            "oder Alter herab. Kritik an Regierungen, Kirchen, Parteien und Ideen ist willkommen."
        ),
        ("identity_attack",),
    ),
    (
        "4",
        "Beim Thema bleiben",
        (
            "Schreiben Sie über das, worum es im Artikel geht, oder antworten Sie auf das, was jemand anders dazu "
            "geschrieben hat. Hat sich das Gespräch davon entfernt, ist es zu weit gegangen."
        ),
        ("off_topic",),
    ),
    (
        "5",
        "Auf den Ton achten",
        (
            "Ein starkes Wort ist hin und wieder am Platz. Fluchen, das nichts beiträgt, und grausige oder sexuelle "
            "Einzelheiten sind es nicht."
        ),
        ("profanity",),
    ),
    (
        "6",
        "Privates bleibt privat",
        (
            "Veröffentlichen Sie keine Adressen, Telefonnummern, Arbeitsplätze, Nachrichten oder Bilder anderer, und "
            "nennen Sie niemanden beim Namen, den der Artikel oder das Gesetz ungenannt lässt."
        ),
        (),
    ),
    (
        "7",
        "Kein Urteil vor dem Urteil",
        (
            "Solange ein Gerichtsverfahren läuft, schreiben Sie nicht, wer schuldig ist, wie das Gericht entscheiden "
            "soll oder was über Beteiligte sonst bekannt ist."
        ),
        ("court_case",),
    ),
    (
        "8",
        "Keine Anschuldigungen ohne Beleg",
        (
            "Behaupten Sie nichts als Tatsache, was jemandes Ruf schadet, solange es nicht als wahr erwiesen ist. "
            "Sagen Sie, dass es Ihre Meinung ist und worauf sie sich stützt."
        ),
        (),
    ),
    (
        "9",
        "Keine Werbung, keine Wiederholung",
        (
            "Werben Sie nicht, sammeln Sie weder Geld noch Stimmen, schreiben Sie nicht immer wieder dasselbe, und "
            "lassen Sie keine Maschine dutzendweise für Sie schreiben."
        ),
        (),
    ),
    (
        "10",
        "Eine Person, ein Name",
        (
            "Geben Sie sich nicht für jemand anderen aus, und benutzen Sie nicht mehrere Konten, um sich selbst recht "
            "zu geben oder andere gemeinsam zu melden."
        ),
        (),
    ),
    (
        "11",
        "Nichts Rechtswidriges",
        (
            "Veröffentlichen Sie nichts, was das Gesetz verbietet, etwa Volksverhetzung, fremde Texte und Bilder ohne "
            "Erlaubnis oder Anleitungen zu Straftaten."
        ),
        (),
    ),
)
#: By the newsroom's language.
RULES = {"en": _ENGLISH, "de": _GERMAN}

_REFUSE = "'the audit is only ever added to'"


def upgrade() -> None:
    """Create the tables, with the first rules and an empty audit."""
    rulebook = op.create_table(
        "rulebook",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rulebook"),
    )
    rules = [
        {"number": number, "title": title, "text": text, "attributes": list(attributes)}
        for number, title, text, attributes in RULES.get(str(context.config.attributes.get("language")), _ENGLISH)
    ]
    first = {"version": 1, "rules": rules, "made_by": "Belowline", "made_at": datetime(2026, 11, 23, tzinfo=UTC)}
    op.bulk_insert(rulebook, [first])
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("via", sa.String(length=300), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=True),
        sa.Column("why", sa.String(length=255), nullable=True),
        sa.Column("model", sa.String(length=255), nullable=True),
        sa.Column("rules", sa.Integer(), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "digest": "0" * 64}])
    op.add_column("decision", sa.Column("rules_version", sa.Integer(), nullable=True))
    op.add_column("user_account", sa.Column("role", sa.String(length=16), nullable=False, server_default="moderator"))
    _refuse_changes()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION {_REFUSE}; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
            f"BEGIN SELECT RAISE(ABORT, {_REFUSE}); END"
        )
