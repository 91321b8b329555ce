"""The rows of a long table are markup of which nothing comes from a name."""

from rostersim.console.tables import three_rows
from rostersim.served.records import Row


def test_what_is_said_is_escaped_wherever_it_stands() -> None:
    evil = "<b>\"Ann\" & 'Bo'</b>"
    written = three_rows([Row(evil, evil, evil, evil, False, evil), Row(evil, "", "", "", True)], "/x", "person", evil)
    assert "<b>" not in written
    assert "&lt;b&gt;&#34;Ann&#34; &amp; &#39;Bo&#39;&lt;/b&gt;" in written
    assert 'href="/x?person=%3Cb%3E%22Ann%22+%26+%27Bo%27%3C%2Fb%3E&amp;class=%3Cb%3E' in written


def test_a_row_has_its_link_its_sign_and_a_dash_for_nothing() -> None:
    assert three_rows([Row("Mei Chen", "student", "", "", True, "Mei Chen")], "/x", "person") == (
        '<tr class="differs"><th scope="row"><span class="sign" title="the three differ">≠</span> '
        '<a href="/x?person=Mei+Chen">Mei Chen</a></th><td>student</td>'
        + '<td><span class="none" title="nothing">—</span></td>' * 2
        + "</tr>\n"
    )
    assert "<a" not in three_rows([Row("state", "a", "a", "a", False)], "/x", "person")
    assert "nothing" in three_rows([], "/x")
