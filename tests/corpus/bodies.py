"""What may be sent as a body, by row: as a form, as JSON, and where it is not clear where it ends."""

FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n--x--\r\n'

FORMS = {
    "bytes as a form": (FORM, b"\xff\xfe\x00=\x00&%ED%A0%80=%FF"),
    "10,000 fields": (FORM, b"&".join(b"f%d=" % n for n in range(10_000))),
    "a megabyte": (FORM, b"body=" + b"x" * 1_000_000),
    "more than a megabyte": (FORM, b"body=" + b"x" * 1_100_000),
    "UTF-16": (FORM + b"; charset=utf-16", b"title=x"),
    "a charset that is none": (FORM + b"; charset=rot13", b"title=x"),
    "JSON to a form": (b"application/json", b'{"title": "x"}'),
    "text": (b"text/plain", b'{"user": {"email": "a@b.c", "password": "x="}}'),
    "no type": (b"", b"title=x"),
    "a type of bytes": (b"\xff\xfe/\x80", b"title=x"),
    "no boundary": (b"multipart/form-data", b"title=x"),
    "a boundary of bytes": (b"multipart/form-data; boundary=\xff", b"--\xff\r\n"),
    "a long boundary": (b"multipart/form-data; boundary=" + b"b" * 5000, b"--b\r\n"),
    "half a part": (MULTIPART, b"--x\r\nContent-Disp"),
    "nothing in parts": (MULTIPART, b""),
    "a name with a NUL": (MULTIPART, PART % (b"\x00", b"", b"\x00")),
    "a part of bytes": (MULTIPART, PART % (b"title", b"", b"\xed\xa0\x80")),
    "a file": (MULTIPART, PART % (b"title", b'; filename="../../x\x00"', b"1")),
    "base64 that is none": (
        MULTIPART,
        b'--x\r\nContent-Disposition: form-data; name="title"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!=\r\n--x--',
    ),
    "1,000 parts": (MULTIPART, (PART % (b"f", b"", b""))[:-6] * 1000 + b"--x--\r\n"),
    "a long part header": (
        MULTIPART,
        b"--x\r\nContent-Disposition: form-data; x=" + b"y" * 20_000 + b"\r\n\r\n",
    ),
    "XML": (b"application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
}
"""What is sent where a form is expected: content type and body."""

LEVELS = 100_000
JSON = {
    "nothing at all": b"",
    "half": b"{",
    "nonsense": b"nonsense",
    "NaN": b'{"user": NaN}',
    "infinite": b'{"user": -Infinity}',
    "1e400": b'{"%s": {"%s": 1e400}}',
    "5,000 digits": b'{"%s": {"%s": ' + b"9" * 5000 + b"}}",
    "4,000 digits": b'{"%s": {"%s": ' + b"9" * 4000 + b"}}",
    "half a surrogate": b'{"%s": {"%s": "\\ud800"}}',
    "a NUL": b'{"%s": {"%s": "a\\u0000b"}}',
    "an override": b'{"%s": {"%s": "a\\u202eb"}}',
    "bytes": b'{"%s": {"%s": "\xff"}}',
    "UTF-16": '{"user": {}}'.encode("utf-16"),
    "UTF-32": '{"user": {}}'.encode("utf-32"),
    "a mark": b"\xef\xbb\xbf{}",
    "two": b"{} {}",
    "lists without end": b"[" * LEVELS,
    "deep lists": b"[" * LEVELS + b"]" * LEVELS,
    "deep objects": b'{"a":' * 25_000 + b"1" + b"}" * 25_000,
    "25 levels": b'{"%s": {"%s": ' + b"[" * 25 + b"]" * 25 + b"}}",
    "a name twice": b'{"%s": {"%s": "a", "%s": "b"}}',
    "a list": b"[]",
    "a text": b'"user"',
    "a number": b"1",
    "null": b"null",
    "true": b"true",
    "another name": b'{"x": {}}',
    "nothing inside": b'{"%s": null}',
    "a list inside": b'{"%s": []}',
    "a number inside": b'{"%s": 0}',
    "huge": b'{"%s": {"%s": "' + b"x" * 270_000 + b'"}}',
    "a megabyte": b'{"%s": {"%s": "' + b"x" * 1_100_000 + b'"}}',
    "comments": b'{"user": {} /* x */}',
    "a trailing comma": b'{"user": {},}',
    "a tab in a text": b'{"%s": {"%s": "a\tb"}}',
    "quotes of another kind": b"{'user': {}}",
}
"""A body as JSON; %s is what the body is about, and then a field of it."""

KINDS = (b"text/plain", FORM, MULTIPART, b"application/xml", b"application/jsonx", b"\xff/\xff", b"/")
VALUES = (
    b"0",
    b"1.5",
    b"true",
    b"[]",
    b'["x"]',
    b"{}",
    b'{"x": 1}',
    b'"a\\u0000b"',
    b'"\\u202e"',
    b'"\\ufdd0"',
)
"""What no field of any operation takes."""

FRAMES = {
    "a negative length": (b"Content-Length: -1", b""),
    "a length that is none": (b"Content-Length: x", b""),
    "an endless length": (b"Content-Length: " + b"9" * 400, b""),
    "100 megabytes": (b"Content-Length: 104857600", b""),
    "two lengths": (b"Content-Length: 1\r\nContent-Length: 2", b"ab"),
    "a length and chunks": (b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
    "chunks and a length": (b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
    "chunks in chunks": (b"Transfer-Encoding: chunked, chunked", b"0\r\n\r\n"),
    "another encoding": (b"Transfer-Encoding: gzip", b"x"),
    "chunks that are none": (b"Transfer-Encoding: chunked", b"zz\r\nx\r\n"),
    "a negative chunk": (b"Transfer-Encoding: chunked", b"-1\r\nx\r\n"),
    "an endless chunk": (b"Transfer-Encoding: chunked", b"f" * 40 + b"\r\nx\r\n"),
    "a long chunk line": (b"Transfer-Encoding: chunked", b"1;" + b"x" * 5000 + b"\r\n"),
    "a chunk without end": (b"Transfer-Encoding: chunked", b"1\r\nxyz"),
    "more than a megabyte in chunks": (
        b"Transfer-Encoding: chunked",
        (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 18 + b"0\r\n\r\n",
    ),
    "trailers without end": (b"Transfer-Encoding: chunked", b"0\r\n" + b"X: y\r\n" * 14_000),
}
"""Headers and what follows them, where it is not clear where a body ends."""
