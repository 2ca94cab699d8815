"""Photos that the browser has sent: never on a disk, and out of Streamlit's hands, where each would stay until its
visitor is gone."""

from __future__ import annotations

from starlette.formparsers import MultiPartParser
from streamlit import config
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

# Beyond a megabyte, unless it is told otherwise, the server would put what arrives into a temporary file.
MultiPartParser.spool_max_size = 2 * config.get_option("server.maxUploadSize") * 1024**2


def take_out(file: UploadedFile) -> bytes:
    """The bytes of a file from an uploader or a camera, which Streamlit does not have any more afterwards."""
    data = file.getvalue()
    context = get_script_run_ctx()
    # As interface it has only the way to forget a visitor's files all at once.
    if context is not None and isinstance(manager := context.uploaded_file_mgr, MemoryUploadedFileManager):
        manager.remove_file(context.session_id, file.file_id)
    return data
