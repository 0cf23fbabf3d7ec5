from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from osreach.evaluate.cluster_mapping import MappingsByName
from osreach.opensearch.mapping import Mapping, mapped_roles
from osreach.opensearch.subject import Method, Subject, iam_role, iam_user, saml_user

NAMES = (
    "ann",
    "bob",
    "*",
    "a*",
    "/b.b/",
    "operators",
    "arn:aws:iam::111122223333:role/reader",
    "arn:aws:iam::111122223333:role/team/reader",
    "arn:aws:iam::444455556666:role/reader",
    "arn:aws:sts::111122223333:assumed-role/reader/session",
    "arn:aws:iam::111122223333:user/reader",
    f"arn:aws:iam::{chr(0xF0000)}:role/reader",
)


def partly_known(name: str) -> Subject:
    return Subject(Method.INTERNAL, name, partial=True)


names = st.lists(st.sampled_from(NAMES), max_size=2).map(tuple)
mappings = st.lists(
    st.builds(
        Mapping,
        st.sampled_from(("one", "two", "three")),
        names,
        names,
        st.sampled_from(((), ("10.0.0.1",))),
        names,
        st.sampled_from((False, False, False, True)),
    ),
    max_size=5,
)
plain = [name for name in NAMES if "*" not in name and "/b" not in name]
subjects = st.one_of(
    st.sampled_from(plain).map(iam_role),
    st.sampled_from(plain).map(iam_user),
    st.builds(saml_user, st.sampled_from(plain), names),
    st.sampled_from(plain).map(partly_known),
)


@given(mappings, subjects, st.sampled_from((None, True, False)))
def test_no_mapping_that_counts_is_left_out(
    found: list[Mapping], subject: Subject, in_vpc: bool | None
) -> None:
    narrowed = MappingsByName(found).of(subject)
    assert mapped_roles(narrowed, subject, in_vpc=in_vpc) == mapped_roles(
        tuple(found), subject, in_vpc=in_vpc
    )


def test_most_mappings_are_not_looked_at() -> None:
    many = tuple(Mapping("reader", (f"user-{number}",)) for number in range(1000))
    assert MappingsByName(many).of(iam_user("user-7")) == (many[7],)
