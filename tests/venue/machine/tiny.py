"""A machine without an operating system, up in half a second: a boot sector that we assemble ourselves.

It says ``tiny: up`` on its console, and then repeats what is typed there.  Some keys do more:

=====  ===========================================================================
``w``  count one up on the disk (in its second sector), and say ``written 0001``
``r``  read the count from the disk, and say ``counter 0001``
``h``  hang, deaf to all interrupts, after saying ``hanging``
``t``  a triple fault: the processor gives up, and resets the machine
``o``  switch the machine off
=====  ===========================================================================

The power button switches it off as well, unless it hangs.
"""

import re
from pathlib import Path
from struct import pack

from .spec import Disk, Spec

SECTOR = 512
ORIGIN = 0x7C00
"""Where a BIOS loads a boot sector."""
DISK_BYTES = 1024 * 1024
_SIGNATURE = b"\x55\xaa"

SOURCE = """
start:    fa              ; cli
          31 c0           ; xor  ax, ax
          8e d8           ; mov  ds, ax
          8e c0           ; mov  es, ax
          8e d0           ; mov  ss, ax
          bc 00 7c        ; mov  sp, 0x7c00
          fc              ; cld
          fb              ; sti
          88 16 =drive    ; mov  [drive], dl        the BIOS tells which disk it booted
          ba fa 03        ; mov  dx, 0x3fa          serial line: 16 bytes may wait
          b0 01           ; mov  al, 1
          ee              ; out  dx, al
          ba 02 06        ; mov  dx, 0x602          ACPI: the power button is to be told
          b8 00 01        ; mov  ax, 0x100
          ef              ; out  dx, ax
          be =up          ; mov  si, up
          e8 @print       ; call print
again:    b9 00 40        ; mov  cx, 0x4000         look often for a while, and then at each tick of the timer
look:     ba fd 03        ; mov  dx, 0x3fd
          ec              ; in   al, dx
          a8 01           ; test al, 1              has a byte come?
          75 >key         ; jnz  key
          ba 00 06        ; mov  dx, 0x600
          ed              ; in   ax, dx
          f6 c4 01        ; test ah, 1              has the button been pressed?
          75 >off         ; jnz  off
          e2 >look        ; loop look
          f4              ; hlt
          b9 01 00        ; mov  cx, 1
          eb >look        ; jmp  look
key:      ba f8 03        ; mov  dx, 0x3f8
          ec              ; in   al, dx
          e8 @put         ; call put
          3c 68           ; cmp  al, 'h'
          74 >hang        ; je   hang
          3c 74           ; cmp  al, 't'
          74 >fault       ; je   fault
          3c 77           ; cmp  al, 'w'
          74 >write       ; je   write
          3c 72           ; cmp  al, 'r'
          74 >read        ; je   read
          3c 6f           ; cmp  al, 'o'
          75 >again       ; jne  again
off:      ba 04 06        ; mov  dx, 0x604          ACPI: sleep, so deep that it is off
          b8 00 20        ; mov  ax, 0x2000
          ef              ; out  dx, ax
hang:     be =hanging     ; mov  si, hanging
          e8 @print       ; call print
          fa              ; cli
deaf:     f4              ; hlt
          eb >deaf        ; jmp  deaf
fault:    0f 01 1e =none  ; lidt [none]             no handler for anything
          cc              ; int3
write:    b8 01 02        ; mov  ax, 0x0201         read one sector
          e8 @disk        ; call disk
          ff 06 00 7e     ; inc  word [0x7e00]
          b8 01 03        ; mov  ax, 0x0301         write one sector
          e8 @disk        ; call disk
          be =written     ; mov  si, written
          eb >tell        ; jmp  tell
read:     b8 01 02        ; mov  ax, 0x0201
          e8 @disk        ; call disk
          be =counter     ; mov  si, counter
tell:     e8 @print       ; call print
          8b 1e 00 7e     ; mov  bx, [0x7e00]
          b9 04 00        ; mov  cx, 4              four hexadecimal digits
digit:    c1 c3 04        ; rol  bx, 4
          88 d8           ; mov  al, bl
          24 0f           ; and  al, 0x0f
          3c 0a           ; cmp  al, 10
          1c 69           ; sbb  al, 0x69           the old way from 0..15 to '0'..'F'
          2f              ; das
          e8 @put         ; call put
          e2 >digit       ; loop digit
          be =end         ; mov  si, end
          e8 @print       ; call print
          e9 @again       ; jmp  again
disk:     bb 00 7e        ; mov  bx, 0x7e00         to or from there
          b9 02 00        ; mov  cx, 2              cylinder 0, sector 2
          b6 00           ; mov  dh, 0
          8a 16 =drive    ; mov  dl, [drive]
          cd 13           ; int  0x13
          73 >done        ; jnc  done
          be =failed      ; mov  si, failed
print:    ac              ; lodsb
          84 c0           ; test al, al
          74 >done        ; jz   done
          e8 @put         ; call put
          eb >print       ; jmp  print
put:      50              ; push ax
          ba fd 03        ; mov  dx, 0x3fd
busy:     ec              ; in   al, dx
          a8 20           ; test al, 0x20
          74 >busy        ; jz   busy
          58              ; pop  ax
          ba f8 03        ; mov  dx, 0x3f8
          ee              ; out  dx, al
done:     c3              ; ret
up:       'tiny: up' 0d 0a 00
hanging:  'hanging' 0d 0a 00
written:  'written ' 00
counter:  'counter ' 00
failed:   'the disk failed' 0d
end:      0d 0a 00
none:     00 00 00 00 00 00
drive:    00
"""
"""The program: label, bytes, and what they mean.

``=label`` is its address, ``@label`` and ``>label`` are the way there in 16 bits and in 8.
"""


def boot_sector(source: str = SOURCE) -> bytes:
    """Assemble a boot sector.

    :raises ValueError: it is too long, or jumps too far; :raises KeyError: it names a label that is not
        there.
    """
    labels: dict[str, int] = {}
    _assemble(source, labels, known=False)
    code = _assemble(source, labels, known=True)
    if len(code) > SECTOR - len(_SIGNATURE):
        raise ValueError(
            f"the program has {len(code)} bytes; {SECTOR - len(_SIGNATURE)} fit into a boot sector"
        )
    return code.ljust(SECTOR - len(_SIGNATURE), b"\0") + _SIGNATURE


def disk(path: Path, source: str = SOURCE) -> Path:
    """Make a disk of 1 MiB that boots the program.

    :return: its path.
    """
    with path.open("wb") as image:
        image.write(boot_sector(source))
        image.truncate(DISK_BYTES)
    return path


def spec(folder: Path, **changes: object) -> Spec:
    """:return: the tiny machine, with its disk in a folder; ``changes`` are other fields of the spec."""
    path = folder / "tiny.img"
    if not path.exists():
        disk(path)
    fields: dict[str, object] = {
        "name": "tiny",
        "memory_mib": 16,
        "cpus": 1,
        "shell": False,
        "disks": (Disk(path=path),),
    }
    return Spec(**{**fields, **changes})  # type: ignore[arg-type]


def _assemble(source: str, labels: dict[str, int], *, known: bool) -> bytes:
    """:return: the bytes; before the labels are known, only their number is right; labels are noted."""
    code = bytearray()
    for line in source.splitlines():
        text = line.partition(";")[0]
        if named := re.match(r"(\w+):", text):
            labels[named[1]] = ORIGIN + len(code)
            text = text[named.end() :]
        for word in re.findall(r"'[^']*'|\S+", text):
            code += _word(word, ORIGIN + len(code), labels if known else None)
    return bytes(code)


def _word(word: str, here: int, labels: dict[str, int] | None) -> bytes:
    """:return: one word of the program as bytes; without labels, zeros instead of an address."""
    match word[0]:
        case "'":
            return word[1:-1].encode()
        case "=":
            return pack("<H", labels[word[1:]] if labels else 0)
        case "@":
            return pack("<h", labels[word[1:]] - here - 2 if labels else 0)
        case ">":
            way = labels[word[1:]] - here - 1 if labels else 0
            if not -128 <= way <= 127:
                raise ValueError(f"{word[1:]} is {way} bytes away, too far for a short jump")
            return pack("<b", way)
        case _:
            return bytes.fromhex(word)
