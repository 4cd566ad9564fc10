"""Paths as text and patterns of file names (docs/builtins.md#path-strings, docs/builtins.md#files)."""

import pytest

from embed.builtins_support import call
from harnlet_builtins.file_patterns import FilePattern, PatternError


@pytest.mark.parametrize(
    ("path", "parent", "name", "stem", "extension", "segments", "normal"),
    [
        ("", "", "", "", "", [], ""),
        ("a", "", "a", "a", "", ["a"], "a"),
        ("a/b", "a", "b", "b", "", ["a", "b"], "a/b"),
        ("/a", "/", "a", "a", "", ["a"], "/a"),
        ("/", "/", "", "", "", [], "/"),
        ("/a//b.tar.gz/", "/a", "b.tar.gz", "b.tar", ".gz", ["a", "b.tar.gz"], "/a/b.tar.gz"),
        (".env", "", ".env", ".env", "", [".env"], ".env"),
        ("a/.env.local", "a", ".env.local", ".env", ".local", ["a", ".env.local"], "a/.env.local"),
        ("a/b.", "a", "b.", "b", ".", ["a", "b."], "a/b."),
        ("a/..", "a", "..", "..", "", ["a", ".."], "."),
        ("../a/../../b", "../a/../..", "b", "b", "", ["..", "a", "..", "..", "b"], "../../b"),
        ("/../a/./b/..", "/../a/./b", "..", "..", "", ["..", "a", ".", "b", ".."], "/a"),
        (r"a\b.c", "a", "b.c", "b", ".c", ["a", "b.c"], "a/b.c"),
        (r"C:\x\y.z", "C:/x", "y.z", "y", ".z", ["x", "y.z"], "C:/x/y.z"),
        ("c:/..", "c:/", "..", "..", "", [".."], "c:/"),
        ("./a", ".", "a", "a", "", [".", "a"], "a"),
    ],
)
def test_parts(
    path: str, parent: str, name: str, stem: str, extension: str, segments: list[str], normal: str
) -> None:
    assert call("path_parent", path) == parent
    assert call("path_basename", path) == name
    assert call("path_stem", path) == stem
    assert call("path_extension", path) == extension
    assert call("path_segments", path) == segments
    assert call("path_normalize", path) == normal
    assert call("path_parts", path) == {
        "dir": parent,
        "file": name,
        "stem": stem,
        "ext": extension,
        "segments": segments,
    }


@pytest.mark.parametrize(
    ("name", "args", "result"),
    [
        ("path_join", (), ""),
        ("path_join", ("a", "b", "c.x"), "a/b/c.x"),
        ("path_join", ("a", "/b", "c"), "/b/c"),
        ("path_join", ("a/", "b", 5), "a/b/5"),
        ("path_with_extension", ("a/b.c", "d"), "a/b.d"),
        ("path_with_extension", ("a/b.c", ".d"), "a/b.d"),
        ("path_with_extension", ("/a/b.c", ""), "/a/b"),
        ("path_with_extension", (".env", "x"), ".env.x"),
        ("path_with_stem", ("a/b.c", "d"), "a/d.c"),
        ("path_with_stem", ("b", "d"), "d"),
        ("path_is_absolute", ("/a",), True),
        ("path_is_absolute", ("C:/a",), True),
        ("path_is_absolute", ("C:a",), False),
        ("path_is_absolute", ("a/b",), False),
        ("path_is_relative", ("a/b",), True),
        ("path_is_relative", (r"\a",), False),
        ("path_to_posix", (r"a\b/c",), "a/b/c"),
        ("path_to_native", (r"a\b/c",), "a/b/c"),
        ("path_relative_to", ("/a/b/c", "/a"), "b/c"),
        ("path_relative_to", ("/a", "/a/b/c"), "../.."),
        ("path_relative_to", ("/a/x", "/a/b"), "../x"),
        ("path_relative_to", ("a/./b", "a/b/"), "."),
        ("path_relative_to", ("/a", "a"), None),
        ("path_relative_to", ("C:/a", "D:/a"), None),
        ("path_relative_to", ("c:/a/b", "C:/a"), "b"),
        ("path_relative_to", ("a", "../b"), None),
        ("path_relative_to", ("../a", "b"), "../../a"),
    ],
)
def test_paths(name: str, args: tuple[object, ...], result: object) -> None:
    assert call(name, *args) == result


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("*", ["", "a", "a/b"], []),
        ("*.rs", ["a.rs", "d/a.rs", ".rs"], ["a.rsx", "rs"]),
        ("a*c", ["ac", "abc", "a/b/c"], ["ab", "xac"]),
        ("**/x", ["x", "a/x", "a/b/x"], ["ax", "a/bx", "x/"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        ("a/**", ["a/", "a/b", "a/b/c"], ["a", "b"]),
        ("a**b", ["ab", "a/b"], ["a"]),
        ("?x", ["ax", "/x"], ["x", "aax"]),
        ("[a-c1]x", ["ax", "bx", "1x"], ["dx", "x"]),
        ("[!a-c]x", ["dx", "/x"], ["ax"]),
        ("[^a]", ["b"], ["a"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[a-]", ["-", "a"], ["b"]),
        ("{a,b/c,}x", ["ax", "b/cx", "x"], ["cx"]),
        ("*.{py,{js,ts}x}", ["a.py", "a.jsx", "a.tsx"], ["a.js"]),
        ("[{]a", ["{a"], []),
        (r"\*\{a", ["*{a"], ["xa"]),
        ("é*", ["éa"], ["ea"]),
        ("a.b", ["a.b"], ["axb"]),
        ("*a*a*a*a*a*a*b", ["aaaaaab"], ["a" * 2_000]),
    ],
)
def test_file_patterns(pattern: str, fitting: list[str], others: list[str]) -> None:
    wanted = FilePattern(pattern)
    assert [path for path in fitting + others if wanted.matches(path)] == fitting


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("[a", "unclosed character class; missing ']'"),
        ("{a", "unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)"),
        ("a}", "unopened alternate group; missing '{' (maybe escape '}' with '[}]'?)"),
        ("[z-a]", "invalid range; 'z' > 'a'"),
        ("{a,b}" * 20, "more than 1000 alternatives"),
    ],
)
def test_refused_file_patterns(pattern: str, message: str) -> None:
    with pytest.raises(PatternError) as caught:
        FilePattern(pattern)
    assert str(caught.value) == message
