"""A line for each claim that was looked at: `✓ claim`, or `✗ claim: why`. xtask counts them.

    claims = Claims()
    claims.check("every figure is drawn", problems)      # holds if the list is empty
    sys.exit(claims.status())
"""

MOST_SHOWN = 8


class Claims:
    def __init__(self) -> None:
        self.n_held = 0
        self.n_failed = 0

    def check(self, claim: str, problems) -> bool:
        """Reports a claim, which holds if nothing is wrong: no text, no list of texts, or an empty one."""
        problems = [problems] if isinstance(problems, str) else list(problems or [])
        if not problems:
            self.n_held += 1
            print(f"✓ {claim}", flush=True)
            return True
        self.n_failed += 1
        shown = problems[:MOST_SHOWN]
        if len(problems) > MOST_SHOWN:
            shown.append(f"and {len(problems) - MOST_SHOWN} more")
        # One line: xtask counts lines.
        print(f"✗ {claim}: " + "; ".join(" ".join(problem.split()) for problem in shown), flush=True)
        return False

    def status(self) -> int:
        """For `sys.exit`. A script that has looked at nothing has not passed."""
        return 1 if self.n_failed or not self.n_held else 0
