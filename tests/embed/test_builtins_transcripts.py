"""Transcripts and compaction: docs/builtins.md#transcripts, docs/builtins.md#compaction-helpers."""

from typing import Any

import pytest

from embed.builtins_support import Pair, RuntimeFault, Thrown, call, problem
from harnlet_builtins.json_indented import indented

LONG = "word " * 200


def conversation_of(*texts: str) -> Any:
    roles = ("user", "assistant")
    return [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]


def of(*texts: str) -> Any:
    return call("transcript_from_messages", conversation_of(*texts))


def kinds(transcript: Any) -> list[str]:
    return [event["kind"] for event in transcript["events"]]


def test_making_transcripts() -> None:
    empty = call("transcript", {"task": 1})
    assert empty.pop("id")
    assert empty == {
        "_type": "transcript",
        "version": 2,
        "messages": [],
        "events": [],
        "assets": [],
        "metadata": {"task": 1},
    }
    assert call("transcript")["id"] != call("transcript")["id"]
    fresh = call("transcript_reset", {"metadata": 5})
    assert (fresh["state"], fresh["metadata"], fresh["messages"]) == ("active", 5, [])
    made = of("hi", "yes")
    assert call("transcript_from_messages", made) is made
    assert call("transcript_messages", made) == conversation_of("hi", "yes")
    assert [(each["role"], each["text"]) for each in call("transcript_events", made)] == [
        ("user", "hi"),
        ("assistant", "yes"),
    ]
    assert call("transcript_id", made) == made["id"]


def test_adding_to_a_list_and_to_a_transcript() -> None:
    start = call("conversation")
    messages = call("add_user", start, "hi")
    messages = call("add_assistant", messages, "yes")
    messages = call("add_system", messages, "be brief")
    messages = call("add_message", messages, "user", "again")
    messages = call("add_tool_result", messages, "t1", {"a": 1})
    assert start == []
    assert messages == [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes"},
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "again"},
        {"role": "tool_result", "tool_use_id": "t1", "content": {"a": 1}},
    ]
    result = call("add_tool_result", of("hi"), "t1", {"a": [1, Pair(1, 2)]})
    assert kinds(result) == ["message", "tool_result"]
    assert result["events"][1]["text"] == "{a: [1, (1, 2)]}"
    assert result["events"][1]["visibility"] == "internal"


def test_which_additions_keep_other_events() -> None:
    forked = call("transcript_fork", of("hi"))
    assert kinds(forked) == ["message", "transcript_fork"]
    for name in ("add_user", "add_assistant", "add_system"):
        assert kinds(call(name, forked, "x")) == ["message", "message"]
    assert kinds(call("add_message", forked, "user", "x")) == ["message", "message", "transcript_fork"]


def test_blocks_become_the_text_of_an_event() -> None:
    content = [
        {"type": "text", "text": "see"},
        {"type": "reasoning", "text": "secret", "visibility": "internal"},
        {"type": "tool_call", "name": "read"},
        {"type": "image", "asset_id": "a1"},
        {"type": "other"},
        7,
    ]
    made = call("transcript_from_messages", [{"role": "assistant", "content": content}])
    found = made["events"][0]
    assert (found["text"], found["visibility"]) == ("see <tool_call:read> <image:a1> <other> 7", "public")
    assert call("transcript_stats", made)["tool_call_count"] == 1
    hidden = [{"type": "text", "text": "x", "visibility": "internal"}]
    made = call("transcript_from_messages", [{"role": "user", "content": hidden}])
    assert made["events"][0]["visibility"] == "internal"


@pytest.mark.parametrize(
    ("name", "state", "text"),
    [
        ("transcript_fork", "forked", "transcript forked"),
        ("transcript_archive", "archived", "transcript archived"),
        ("transcript_abandon", "abandoned", "transcript abandoned"),
        ("transcript_resume", "active", "transcript resumed"),
    ],
)
def test_states(name: str, state: str, text: str) -> None:
    before = of("hi")
    after = call(name, before)
    assert (after["state"], after["id"]) == (state, before["id"])
    last = after["events"][-1]
    assert (last["kind"], last["text"], last["visibility"]) == (name, text, "internal")
    assert "state" not in before
    assert call("transcript_events_by_kind", after, name) == [last]


def test_what_a_fork_leaves_behind() -> None:
    source = {**of("hi"), "summary": "s"}
    assert call("transcript_summary", call("transcript_fork", source)) == "s"
    bare = call("transcript_fork", source, {"retain_messages": False, "retain_summary": False})
    assert (bare["messages"], kinds(bare)) == ([], ["transcript_fork"])
    assert call("transcript_summary", bare) is None


def test_assets() -> None:
    made = call("transcript_add_asset", call("transcript"), "a/b.png")
    first = call("transcript_assets", made)[0]
    assert first.pop("id")
    assert first == {
        "_type": "transcript_asset",
        "kind": "blob",
        "visibility": "internal",
        "storage": {"path": "a/b.png"},
    }
    made = call("transcript_add_asset", made, {"id": "x", "kind": "image"})
    made = call("transcript_add_asset", made, {"id": "x", "kind": "file"})
    assert [asset["kind"] for asset in made["assets"]] == ["blob", "file"]


def test_rendering_and_counting() -> None:
    made = call("add_tool_result", of("hi", "yes"), "t", "42")
    assert call("transcript_render_visible", made) == "user: hi\nassistant: yes"
    assert call("transcript_render_full", call("transcript_archive", made)) == (
        "[public] user: hi\n[public] assistant: yes\n[internal] tool_result: 42\n"
        "[internal] system: transcript archived"
    )
    made["events"] = [*made["events"], {"visibility": "visible"}]
    assert call("transcript_stats", made) == {
        "message_count": 3,
        "user_facing_message_count": 2,
        "tool_result_message_count": 1,
        "tool_call_count": 0,
        "assistant_message_count": 1,
        "user_message_count": 1,
        "visible_event_count": 1,
    }


def test_export_and_import() -> None:
    made = of('say "hi"\n', "{[,:]}")
    text = call("transcript_export", made)
    assert text.startswith('{\n  "_type": "transcript",\n  "assets": [],\n  "events": [\n    {\n')
    assert call("transcript_import", text) == made
    kind, message = problem("transcript_import", "{")
    assert kind is RuntimeFault
    assert str(message).startswith("Runtime error: transcript_import: ")
    assert problem("transcript_import", "{}")[0] is RuntimeFault
    assert indented('{"a\\\\":[],"b":[1,{"c\\"":"x,{"}]}') == (
        '{\n  "a\\\\": [],\n  "b": [\n    1,\n    {\n      "c\\"": "x,{"\n    }\n  ]\n}'
    )


# --- compacting ------------------------------------------------------------------------------------


def test_compacting_keeps_a_record() -> None:
    made = of(*[f"{place} {LONG}" for place in range(6)])
    small = call("transcript_compact", made, {"keep_last": 2})
    assert len(small["messages"]) == 3
    assert small["messages"][1:] == made["messages"][4:]
    header = "[auto-compacted 4 older messages via observation masking]"
    assert small["summary"].startswith(header)
    assert small["messages"][0] == {"role": "user", "content": small["summary"]}
    facts = {"strategy": "observation_mask", "archived_messages": 4, "kept_messages": 2}
    assert small["events"][-1]["kind"] == "compaction"
    assert small["events"][-1]["metadata"] == facts
    asset = small["assets"][0]
    assert (asset["kind"], asset["metadata"]) == ("compaction_source_transcript", facts)
    assert asset["data"]["messages"] == made["messages"]


def test_when_compacting_does_nothing_or_writes_what_it_is_given() -> None:
    made = of(*[str(place) for place in range(6)])
    assert call("transcript_compact", made) is made
    assert call("transcript_compact", made, {"keep_last": 1, "target_tokens": 100}) is made
    small = call("transcript_compact", made, {"keep_last": 2, "strategy": "llm", "summary": "all said"})
    assert small["summary"] == "all said"
    assert small["messages"][0]["content"] == "[auto-compacted 4 older messages]\nall said"
    short = call("transcript_compact", made, {"keep_last": 2, "strategy": "truncate"})
    assert short["summary"].endswith("via truncate strategy]\n[user] 0\n[assistant] 1\n[user] 2\n[assistant] 3")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"strategy": "custom"},
            "transcript_compact: strategy 'custom' is not supported; use 'llm', 'truncate', or "
            "'observation_mask'",
        ),
        ({"keep_last": -1}, "transcript_compact: keep_last must be >= 0"),
        (
            {"summarize_prompt": "x"},
            "transcript_compact: summarize_prompt is only supported with strategy 'llm'",
        ),
        ({"strategy": "llm"}, "unsupported in Harnlet: transcript_compact with strategy 'llm' and no summary"),
        ({"keep_last": "x"}, "transcript_compact: keep_last must be an int, got string"),
    ],
)
def test_options_that_cannot_be(options: object, text: str) -> None:
    assert problem("transcript_compact", of("hi"), options) == (RuntimeFault, f"Runtime error: {text}")


def test_automatic_compaction() -> None:
    messages = conversation_of(*[str(place) for place in range(6)])
    assert call("transcript_auto_compact", messages, {"keep_last": 2}) == messages
    options: dict[str, object] = {"keep_last": 2, "keep_first": 1, "token_threshold": 0}
    made = call("transcript_auto_compact", messages, options)
    assert [message["content"][:17] for message in made] == ["0", "[auto-compacted 3", "4", "5"]
    options = {**options, "custom_compactor": lambda old: f"{len(old)} gone", "keep_first": 0}
    assert call("transcript_auto_compact", messages, options)[0]["content"] == (
        "[auto-compacted 4 older messages]\n4 gone"
    )
    assert problem("transcript_auto_compact", messages, {"compact_strategy": "x", "keep_last": 1}) == (
        RuntimeFault,
        "Runtime error: unknown compact_strategy 'x' "
        "(expected 'llm', 'truncate', 'custom', or 'observation_mask')",
    )
    odd = [{"role": "user", "content": {"a": 1}}, *messages]
    made = call("transcript_auto_compact", odd, {"keep_last": 6, "keep_first": 0, "token_threshold": 0})
    assert made is odd
    made = call("transcript_auto_compact", odd, {"keep_last": 4, "token_threshold": 0})
    assert made[0]["content"].endswith('[user] {"a":1}\n[user] 0\n[assistant] 1')


def test_estimates_and_long_texts() -> None:
    assert call("estimate_tokens", [{"content": "äö12345"}, {"content": [1]}, {}]) == 2
    text = "\n".join(f"line {place}" for place in range(200))
    assert call("microcompact", text, 2_000) == text
    assert call("microcompact", text, 100) == text
    made = call("microcompact", text, 400)
    head, middle, tail = made.split("\n\n")
    assert middle == f"[... {len(text) - len(head) - len(tail)} characters snipped ...]"
    assert len(head) <= 200
    assert len(tail) <= 200
    assert text.startswith(head + "\n")
    assert text.endswith("\n" + tail)
    broken = text.replace("line 100", "src/a.py:5 something failed\nerror: no")
    made = call("microcompact", broken, 400)
    note = "\n\n[diagnostic lines preserved]\nsrc/a.py:5 something failed\nerror: no\n\n[... output compacted ...]"
    assert note in made
    assert call("microcompact", "x" * 500, 200).endswith("\n\n" + "x" * 100)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("transcript_messages", "transcript_messages: argument must be a transcript"),
        ("transcript_fork", "transcript_fork: argument must be a transcript"),
        ("add_message", "add_message: first argument must be a message list or transcript"),
        (
            "transcript_from_messages",
            "transcript_from_messages: argument must be a message list or transcript",
        ),
        ("estimate_tokens", "estimate_tokens: first argument must be a message list or transcript"),
    ],
)
def test_wrong_arguments(name: str, text: str) -> None:
    assert problem(name, 5) == problem(name, {}) == problem(name, [1]) == (Thrown, text)


def test_summaries_need_a_model() -> None:
    text = "Runtime error: unsupported in Harnlet: transcript_summarize"
    assert problem("transcript_summarize", of("hi")) == (RuntimeFault, text)
