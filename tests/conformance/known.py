"""The cases that are not passed, each with its reason: read, compared and written again.

`python -m tests.conformance.known` writes the list from a run of the engine over the open cases.
"""

import json
import pathlib

from tests.conformance import cases
from tests.conformance.__main__ import run_all
from tests.conformance.systems import Engine

LIST = pathlib.Path(__file__).with_name("known_failures.json")


def read():
    """{id: [verdict, reason]} of the cases that are known not to pass."""
    return json.loads(LIST.read_text(encoding="utf-8"))


def told(results):
    """What a list of results has to say of those not passed; a reason is kept to its first line."""
    return {r.id: [r.verdict, " ".join(r.reason.split())[:160]] for r in results if r.verdict != "passed"}


def differences(results, known):
    """What is not as the list says: a listed case that passes, another that does not."""
    found = []
    for r in results:
        if r.verdict == "passed" and r.id in known:
            found.append(f"{r.id} passes now: take it off {LIST.name}")
        elif r.verdict != "passed" and r.id not in known:
            found.append(f"{r.id} does not pass: step {r.step}, {' '.join(r.reason.split())[:300]}")
    return found


def main():
    """Write the list again."""
    results = run_all(cases.corpora() / "open", Engine(), processes=2)
    LIST.write_text(json.dumps(told(results), indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(told(results))} of {len(results)} cases are not passed")


if __name__ == "__main__":
    main()
