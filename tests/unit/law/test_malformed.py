"""Each way in which a pack is refused has a file in malformed/ that shows it, with what is said and where.

The first line of a file says where in a small valid pack it is put, on which line the fault is (0: the whole file), and what
the message holds. `without` means that the file is missing from the pack.
"""

import ast
import pathlib
import re
import sys

import pytest

from forbear.law import cases, packs, predicates, reading, rules, values, vocabulary

FOLDER = pathlib.Path(__file__).parent / "malformed"
MODULES = (reading, vocabulary, predicates, rules, values, packs, cases)
HEADER = re.compile(r"# (without )?(\S+):(\d+) \| (.+)")
SMALL = {
    "xx/jurisdiction.yaml": 'name: {en: "Somewhere", zh: "某地"}\nzones: [Asia/Shanghai]\n',
    "xx/a/b/sources.yaml": (
        'act: {cite: {en: "Act", zh: "法"}, title: {en: "Act", zh: "法"}, force: law, retrieved: 2026-11-21, seen: text}\n'
    ),
    "xx/a/b/rule.yaml": (
        'form: forbids\ntitle: {en: "R", zh: "规则"}\nsummary: {en: "R.", zh: "规则。"}\nmodality: must_not\n'
        'applies: {act: call}\nvalues: [{from: 2025-01-01, confidence: high, source: act, pinpoint: "1"}]\n'
    ),
    "xx/a/b/rule.cases.yaml": (
        '- {name: {en: "N", zh: "名"}, role: servicer, product: mortgage, at: 2026-11-20T10:00:00, act: {kind: call},\n'
        '   expect: {breaks: "yes"}}\n'
    ),
}
FIXTURES = sorted(FOLDER.glob("*.yaml"))


def read_all(folder):
    """Read the pack and work out its cases, as `forbear law check` does."""
    read = packs.load_packs(folder)
    return [cases.run(case, read) for case in cases.read_cases(folder, read)]


def lay_out(folder, fixture=None):
    """A small valid pack, with one file put in or taken out."""
    text = "" if fixture is None else fixture.read_text(encoding="utf-8")
    files = {"vocabulary.yaml": (packs.packaged() / "vocabulary.yaml").read_text(encoding="utf-8"), **SMALL}
    if fixture is not None:
        without, path, _, _ = HEADER.match(text).groups()
        files[path] = text
        if without:
            del files[path]
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode().replace(b"<0xff>", b"\xff"))  # a byte that no UTF-8 has


def refusals():
    """Each place in the loader that refuses something: (file, line)."""
    for module in MODULES:
        path = pathlib.Path(module.__file__)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "refuse" or (called == "PackError" and not in_refuse(path, node.lineno)):
                yield path.name, node.lineno, node.end_lineno


def in_refuse(path, line):
    """Whether a line lies within the method that makes the errors."""
    return any(
        node.lineno <= line <= node.end_lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "refuse"
    )


@pytest.fixture(scope="module")
def raised(tmp_path_factory):
    """The places from which the fixtures were refused."""
    found, original = set(), reading.PackError.__init__

    def note(self, *arguments):
        frame = sys._getframe(1)
        if frame.f_code.co_name == "refuse":
            frame = frame.f_back
        found.add((pathlib.Path(frame.f_code.co_filename).name, frame.f_lineno))
        original(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading.PackError, "__init__", note)
        for fixture in FIXTURES:
            folder = tmp_path_factory.mktemp(fixture.stem)
            lay_out(folder, fixture)
            with pytest.raises((reading.PackError, reading.PacksError)):
                read_all(folder)
    return found


class TestRefusals:
    @pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
    def test_it_names_file_line_and_mend(self, fixture, tmp_path):
        lay_out(tmp_path, fixture)
        _, path, line, says = HEADER.match(fixture.read_text(encoding="utf-8")).groups()
        with pytest.raises((reading.PackError, reading.PacksError)) as caught:
            read_all(tmp_path)
        errors = getattr(caught.value, "errors", (caught.value,))
        told = "\n".join(str(error) for error in errors)
        assert len(errors) == 1, told
        assert told.startswith(f"{path}:{line}: " if int(line) else f"{path}: "), told
        assert says in told
        assert errors[0].mend.strip()
        assert "; " in told

    def test_the_small_pack_is_valid(self, tmp_path):
        lay_out(tmp_path)
        assert [ran.differences for ran in read_all(tmp_path)] == [()]

    def test_each_refusal_of_the_loader_has_a_fixture(self, raised):
        missing = [
            f"{file}:{first}"
            for file, first, last in refusals()
            if not any(name == file and first <= line <= last for name, line in raised)
        ]
        assert not missing, f"Add a file to tests/unit/law/malformed for each of these refusals: {missing}"

    def test_a_circle_above_a_place_is_refused(self, tmp_path):
        lay_out(tmp_path)
        for place, parent in (("xa", "xb"), ("xb", "xc"), ("xc", "xb")):
            (tmp_path / place).mkdir()
            text = SMALL["xx/jurisdiction.yaml"] + f"parent: {parent}\n"
            (tmp_path / place / "jurisdiction.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(reading.PacksError, match=r"xb/jurisdiction.yaml:3: xb lies within itself"):
            packs.load_packs(tmp_path)

    def test_a_byte_order_mark_is_no_fault(self, tmp_path):
        lay_out(tmp_path)
        rule = tmp_path / "xx/a/b/rule.yaml"
        rule.write_bytes(b"\xef\xbb\xbf" + rule.read_bytes())
        assert "xx.a.b.rule" in packs.load_packs(tmp_path).rules

    def test_all_faults_are_told_at_once(self, tmp_path):
        lay_out(tmp_path)
        for name in ("one", "two"):
            (tmp_path / "xx/a/b" / f"{name}.yaml").write_text("form: riddle\n", encoding="utf-8")
        with pytest.raises(reading.PacksError) as caught:
            packs.load_packs(tmp_path)
        assert [error.file for error in caught.value.errors] == ["xx/a/b/one.yaml", "xx/a/b/two.yaml"]
