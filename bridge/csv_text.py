"""What every table that people send needs first: its lines without the wrapping of spreadsheets, and what parts the columns."""


def prepared_lines(text: str) -> tuple[int, list[str]]:
    """Split into lines without the byte order mark, the ``sep=`` line of Excel and empty lines at the head, and count those."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    skipped = 0
    while skipped < len(lines) and (not lines[skipped].strip() or lines[skipped].lower().startswith("sep=")):
        skipped += 1
    return skipped, [line + "\n" for line in lines[skipped:]]


def delimiter_of(heading: str) -> str:
    """Give what separates the columns: whichever of ``;``, tab and ``,`` the heading line has most of."""
    return max(";\t,", key=heading.count)
