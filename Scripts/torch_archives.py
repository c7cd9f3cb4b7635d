"""Zip archives as torch.save writes them, put together by hand; used by torch-fixtures.py and its parts."""

from __future__ import annotations

import io
import struct
import zipfile


def archive(data_pkl: bytes, storages: dict[str, bytes] | None = None, name: str = "archive/data.pkl", method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(zipfile.ZipInfo(name), data_pkl, compress_type=method)
        for key, data in (storages or {}).items():
            file.writestr(zipfile.ZipInfo(f"archive/data/{key}"), data)
    return out.getvalue()


def zip64(entries: list[tuple[str, bytes]]) -> bytes:
    """A zip of stored entries with every size and offset in the 64-bit fields."""
    out, directory = io.BytesIO(), b""
    for name, data in entries:
        place, raw, checksum = out.tell(), name.encode(), zipfile.crc32(data)
        field = struct.pack("<HHQQ", 1, 16, len(data), len(data))
        out.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 0, 0, 0, checksum, 0xFFFFFFFF, 0xFFFFFFFF, len(raw), len(field)) + raw + field + data)
        field = struct.pack("<HHQQQ", 1, 24, len(data), len(data), place)
        directory += struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 0, checksum, 0xFFFFFFFF, 0xFFFFFFFF, len(raw), len(field), 0, 0, 0, 0, 0xFFFFFFFF
        ) + raw + field
    start = out.tell()
    out.write(directory)
    end = out.tell()
    out.write(struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, len(entries), len(entries), len(directory), start))
    out.write(struct.pack("<IIQI", 0x07064B50, 0, end, 1))
    out.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    return out.getvalue()
