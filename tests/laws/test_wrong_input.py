"""Law: what a layer cannot take is an error that names the layer's path in the model."""

import luxnb as lx


def test_errors_name_the_path(specimen):
    model = lx.Chain(body=lx.Chain(before=lx.Identity(), it=specimen.layer))
    try:
        y, _ = model("no array", *model.init(0))
    except Exception as error:
        assert (error.luxnb_path + ".").startswith("body.it.")
        assert any(note.startswith(f"at {error.luxnb_path}: ") for note in error.__notes__)
    else:
        assert y == "no array"  # a layer that does nothing to its input takes anything
