"""The one writer of HTML: whatever is not already its own work is escaped."""

import html as standard


class Html(str):
    """What `tag` wrote, and need not be escaped again."""

    def __add__(self, other: str) -> "Html":
        return Html(str(self) + str(other))


def tag(name: str, *content: str, **attributes: str | bool) -> Html:
    """An element. Content that is not yet HTML is escaped, and so are attributes; empty ones
    are left out."""
    words = [name]
    for key, value in attributes.items():
        if value is True:
            words.append(key)
        elif value:
            words.append(f'{key.rstrip("_")}="{standard.escape(str(value))}"')
    inner = "".join(c if isinstance(c, Html) else standard.escape(c) for c in content)
    return Html(f"<{' '.join(words)}>{inner}</{name}>")
