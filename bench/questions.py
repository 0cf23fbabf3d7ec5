"""How fast, and how right, the exact engine is: medians beside cvc5, and a long run of agreement.

python bench/questions.py                 medians over synthetic domain policies
python bench/questions.py agree 5000 1    agreement with cvc5 on 5,000 questions of seed 1
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

from osreach.iam.document import (
    Condition,
    Document,
    Effect,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Statement,
    Term,
    Terms,
)
from osreach.iam.question import Found, Nothing, Question, Scope, TooComplex, find
from osreach.iam.request import Anonymous

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from oracle_cvc5 import ACTIONS, DOMAIN, random_question, some_request_exists

_ANYONE = Principals((PrincipalTerm(PrincipalKind.ANYONE, "*"),))
_TARGETS = {3: 1.0, 8: 1.0, 20: 2.0, 50: 5.0, 100: 20.0}
_INDEXES = ("movies", "logs-2026", "orders", "_search", "_all", "users", "restricted-index", "metrics")


def _condition(chance: random.Random) -> Condition:
    match chance.randrange(5):
        case 0 | 1:
            networks = tuple(
                Term(f"{chance.randrange(1, 224)}.{chance.randrange(256)}.0.0/{chance.choice((8, 12, 16))}")
                for _ in range(chance.choice((1, 1, 3)))
            )
            return Condition(chance.choice(("IpAddress", "NotIpAddress")), "aws:SourceIp", networks)
        case 2:
            operator = chance.choice(("StringEquals", "StringNotEquals", "StringLike"))
            return Condition(operator, "aws:SourceVpce", (Term(f"vpce-{chance.randrange(16**17):017x}"),))
        case 3:
            operator = chance.choice(("StringEquals", "StringNotEquals"))
            return Condition(operator, "aws:PrincipalOrgID", (Term(f"o-{chance.choice('abc')}1b2c3d4e5"),))
        case _:
            return Condition("Bool", "aws:SecureTransport", (Term(chance.choice(("true", "false"))),))


def domain_policy(chance: random.Random, size: int) -> Document:
    """A domain's access policy as people write them, of which 40 % denies."""
    statements = []
    for index in range(size):
        actions = chance.choice(
            (("es:*",), ("es:ESHttp*",), ("es:ESHttpGet", "es:ESHttpHead"), ("es:ESHttpPost",))
        )
        name = chance.choice(_INDEXES)
        path = chance.choice(
            ("/*", "/*", f"/{name}/*", f"/{name}*", f"/{name}-{chance.randrange(100)}*/_search")
        )
        statements.append(
            Statement(
                Effect.DENY if chance.random() < 0.4 else Effect.ALLOW,
                Terms(tuple(Term(action) for action in actions)),
                Terms((Term(DOMAIN + path),)),
                _ANYONE,
                tuple(_condition(chance) for _ in range(chance.choice((0, 1, 1, 2)))),
                index=index,
            )
        )
    return Document(tuple(statements), "2012-10-17", source=f"policy {size}")


def _question(document: Document) -> Question:
    return Question(((document,),), Scope(Anonymous(), ACTIONS, (f"{DOMAIN}/*",)))


def _all_denied(document: Document) -> Document:
    """The same with two denies that together deny everything."""
    first = Statement(Effect.DENY, Terms((Term("es:*"),)), Terms((Term("*"),)), _ANYONE, (
        Condition("IpAddress", "aws:SourceIp", (Term("0.0.0.0/1"),)),), index=900)  # fmt: skip
    second = replace(
        first, conditions=(Condition("NotIpAddress", "aws:SourceIp", (Term("0.0.0.0/1"),)),), index=901
    )
    return replace(document, statements=(*document.statements, first, second))


def _median(questions: list[Question]) -> tuple[float, float]:
    times = []
    for question in questions:
        begin = time.process_time()
        answer = find(question)
        times.append((time.process_time() - begin) * 1000)
        if isinstance(answer, TooComplex):
            print("  too complex:", answer)
    return statistics.median(times), max(times)


def _beside_cvc5(questions: list[Question]) -> str:
    times = []
    undecided = 0
    for question in questions:
        begin = time.process_time()
        undecided += some_request_exists(question, 5000) is None
        times.append((time.process_time() - begin) * 1000)
    return f"{statistics.median(times):9.1f} ({undecided} of {len(questions)} undecided)"


def speed(seed: int = 1, rounds: int = 60) -> None:
    """Print medians in milliseconds of questions nobody asked before."""
    print(f"seed {seed}, {rounds} policies of each size, median (max) ms of processor time")
    print(
        "`again`: asked another time, as a scan does for each kind of caller; the documents are then prepared"
    )
    heads = ("random", "again", "all denied", "again", "contained", "again")
    print(f"{'statements':>10} {' '.join(f'{head:>16}' for head in heads)} {'target':>7}   cvc5, random")
    for size, target in _TARGETS.items():
        chance = random.Random(seed * 1000 + size)
        documents = [domain_policy(chance, size) for _ in range(rounds)]
        exists = [_question(document) for document in documents]
        denied = [_question(_all_denied(document)) for document in documents]
        contained = [
            replace(_question(document), unless=((documents[place - 1],),))
            for place, document in enumerate(documents)
        ]
        columns = [
            f"{median:7.2f} ({most:6.1f})"
            for questions in (exists, denied, contained)
            for median, most in (_median(questions), _median(questions))
        ]
        print(f"{size:>10} {' '.join(columns)} {target:7.1f}   {_beside_cvc5(exists[:5])}", flush=True)


def agree(count: int, seed: int) -> int:
    """Ask both about `count` questions and print every disagreement; gives the number of these."""
    decided = found = disagreements = 0
    for number in range(count):
        question = random_question(random.Random(seed * 1_000_000 + number), 4)
        judged = some_request_exists(question, 1000)
        answer = find(question)
        if judged is None or not (isinstance(answer, Found) or answer == Nothing()):
            continue
        decided += 1
        found += judged
        if isinstance(answer, Found) is not judged:
            disagreements += 1
            print("disagreement: question", number, "cvc5 says", judged, "we say", answer)
        if number % 500 == 499:
            print(f"{number + 1} asked, {decided} decided, {disagreements} disagreements", flush=True)
    print(
        f"seed {seed}: {count} asked, {decided} decided by both ({found} exist), {disagreements} disagreements"
    )
    return disagreements


if __name__ == "__main__":
    if sys.argv[1:2] == ["agree"]:
        sys.exit(agree(int(sys.argv[2]), int(sys.argv[3])) > 0)
    speed()
