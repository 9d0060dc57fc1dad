"""Running cases: each is passed, failed with its first difference, or not expressible with the reason."""

import traceback
from collections import Counter

from tests.conformance import checks
from tests.conformance.session import Session
from tests.conformance.translate import NotExpressibleError


class Result:
    """What became of a case."""

    def __init__(self, case):
        self.id, self.feature = case["id"], case["feature"]
        self.verdict, self.reason, self.step = "passed", "", 0
        self.checks = Counter()

    def fail(self, step, reason):
        """Only the first failure is told."""
        if self.verdict == "passed":
            self.verdict, self.reason, self.step = "failed", reason, step["i"]


def run_case(case, system, keep_going=False):
    """Take the steps of a case in their order."""
    result = Result(case)
    try:
        session = Session(case, system)
    except NotExpressibleError as reason:
        result.verdict, result.reason = "not expressible", str(reason)
        return result
    for step in case["steps"]:
        try:
            if "op" in step:
                said = session.do(step)
                if said:
                    result.fail(step, f"{step['op']}: {said}")
                    break
                continue
            said = checks.check(session, step)
            result.checks[step["check"], "failed" if said else "passed"] += 1
            if said:
                result.fail(step, f"{step['check']}: {said}")
        except NotExpressibleError as reason:
            if result.verdict == "passed":
                result.verdict, result.reason, result.step = "not expressible", str(reason), step["i"]
            break
        except Exception as error:  # noqa: BLE001 - a crash is a failure of this case, and the others still run
            where = traceback.extract_tb(error.__traceback__)[-1].name
            result.fail(step, f"crashed in {where}: {type(error).__name__}: {error}")
            break
        if result.verdict == "failed" and not keep_going:
            break
    return result
