"""Every notebook runs from top to bottom and is stored without outputs."""

import os
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore:Proactor"
)

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs_and_explains_before_it_computes(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].cell_type == "markdown"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel for all notebooks: loading the libraries takes longer than most of them."""
    from jupyter_client import KernelManager

    manager = KernelManager(kernel_name="python3")
    root = Path(__file__).parents[1]
    manager.start_kernel(
        cwd=str(tmp_path_factory.mktemp("notebooks")), env={**os.environ, "PYTHONPATH": str(root)}
    )
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_maps_and_plots(path, kernel):
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    # nothing of the notebook before is known to this one
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    client = NotebookClient(notebook, timeout=300, km=kernel)
    client.execute()
    client.kc.stop_channels()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert "image/png" in kinds and "text/html" in kinds
    assert any("<iframe" in output.get("data", {}).get("text/html", "") for output in outputs)
    assert not any(output.output_type == "stream" and output.name == "stderr" for output in outputs)
