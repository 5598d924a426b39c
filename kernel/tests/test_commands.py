import json
from argparse import ArgumentTypeError
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kernel.audit import end_of_chain, record
from kernel.commands import Answer, AnsweringCommand, moment
from kernel.models import AuditEntry
from kernel.refusal import Refused

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    user_id: int | None = 7
    name: str = "县局科员"
    address: str = ""


def run(command, *arguments) -> tuple[int, str, str]:
    """Exit status, stdout and stderr."""
    out, err = StringIO(), StringIO()
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        return stop.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


class Told(AnsweringCommand):
    requires_system_checks = ()
    outcome: Answer | Refused

    def answer(self, options, *, at):
        if isinstance(self.outcome, Refused):
            raise self.outcome
        return self.outcome


def told(outcome: Answer | Refused) -> Told:
    command = Told()
    command.outcome = outcome
    return command


def test_a_command_answers_in_words():
    assert run(told(Answer({"rows": 3}, "新增 3 行。"))) == (0, "新增 3 行。\n", "")


def test_a_command_answers_as_one_json_object():
    assert run(told(Answer({"rows": 3, "at": AT}, "")), "--json") == (
        0,
        '{"rows": 3, "at": "2026-11-23T01:30:00Z"}\n',
        "",
    )


def test_a_refusal_is_one_sentence_on_stderr_and_status_1():
    assert run(told(Refused("文件不存在，请检查路径。"))) == (1, "", "文件不存在，请检查路径。\n")


def test_an_answer_that_found_fault_is_given_and_ends_with_status_1():
    assert run(told(Answer({}, "第 3 条", "有 1 处问题。"))) == (1, "第 3 条\n", "有 1 处问题。\n")


def test_wrong_usage_is_not_a_refusal():
    with pytest.raises(CommandError):
        run(told(Answer({}, "")), "--unknown")


def test_moments_on_the_command_line_are_in_the_time_of_the_county_unless_they_say_otherwise():
    assert moment("2026-11-23T09:30") == moment("2026-11-23T01:30:00Z") == AT


@pytest.mark.parametrize("text", ["昨天", "2026-13-01T00:00", "1999-12-31T00:00", "9999-12-31T00:00"])
def test_a_moment_that_is_none_is_wrong_usage(text):
    with pytest.raises(ArgumentTypeError):
        moment(text)


@pytest.fixture
def chain(db):
    for number in range(1, 4):
        record(verb="转办", subject=f"case:{number}", by=Person(), at=AT)


def test_verify_audit_says_that_the_chain_is_whole_and_where_it_ends(chain):
    assert run("verify_audit") == (0, f"审计链完整，共 3 条。链尾 {end_of_chain()}\n", "")


def test_verify_audit_names_what_was_altered_and_deleted(chain):
    AuditEntry.objects.filter(sequence=1).update(verb="办结")
    AuditEntry.objects.filter(sequence=3).delete()
    status, out, err = run("verify_audit", "--json")
    assert (status, err) == (1, "审计链有 2 处问题，最早在第 1 条。\n")
    assert [(fault["kind"], fault["first"], fault["last"]) for fault in json.loads(out)["faults"]] == [
        ("altered", 1, 1),
        ("missing", 3, 3),
    ]


def test_verify_audit_shows_a_hundred_faults_and_counts_the_rest(db):
    for _ in range(103):
        record(verb="转办", subject="case:1", by=Person(), at=AT)
    AuditEntry.objects.update(verb="办结")
    _, out, err = run("verify_audit")
    assert (len(out.splitlines()), out.splitlines()[-1]) == (101, "另有 3 处。")
    assert err == "审计链有 103 处问题，最早在第 1 条。\n"


def test_verify_audit_compares_an_end_that_was_written_down(chain):
    noted = str(end_of_chain())
    assert run("verify_audit", "--noted", noted)[0] == 0
    AuditEntry.objects.filter(sequence=3).update(hash="0" * 64)
    assert run("verify_audit", "--noted", noted)[0] == 1


def test_verify_audit_takes_no_mark_of_another_shape(chain):
    with pytest.raises(CommandError):
        run("verify_audit", "--noted", "3")
