"""A plain S3 client that sends any key as it stands. Keys and the endpoint come from the environment.

    s3.py put BUCKET KEY [NAME=VALUE]...   content from the input, headers after the key
    s3.py fill BUCKET FOLDER COUNT         so many folders, numbered from 0, with a file each
    s3.py get BUCKET KEY | head BUCKET KEY | delete BUCKET KEY | list BUCKET
    s3.py dump BUCKET FOLDER               a file for each object: its key, its headers, its content
"""

import datetime
import hashlib
import hmac
import http.client
import os
import re
import sys
import urllib.parse
from xml.sax.saxutils import unescape

ENDPOINT = urllib.parse.urlsplit(os.environ["S3_ENDPOINT"])
REGION = os.environ["S3_REGION"]


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def request(method, bucket, key=b"", query="", body=b"", headers=()):
    path = "/" + bucket + "/" + urllib.parse.quote(key, safe="/-_.~")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    fields = {"host": ENDPOINT.netloc, "x-amz-content-sha256": digest, "x-amz-date": now}
    fields.update((name.lower(), value) for name, value in headers)
    names = ";".join(sorted(fields))
    lines = "".join("%s:%s\n" % (name, fields[name]) for name in sorted(fields))
    canonical = "\n".join([method, path, query, lines, names, digest])
    scope = "%s/%s/s3/aws4_request" % (now[:8], REGION)
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signing = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (now[:8], REGION, "s3", "aws4_request"):
        signing = sign(signing, part)
    signature = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    fields["authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,Signature=%s" % (
        os.environ["AWS_ACCESS_KEY_ID"],
        scope,
        names,
        signature,
    )
    connection = http.client.HTTPConnection(ENDPOINT.netloc, timeout=30)
    connection.request(method, path + ("?" + query if query else ""), body=body, headers=fields)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status // 100 != 2:
        sys.exit("%s %s answered %d: %s" % (method, path, answer.status, content[:500]))
    return answer, content


def list_keys(bucket):
    token = ""
    while True:
        query = "encoding-type=url&list-type=2"
        if token:
            query = "continuation-token=%s&%s" % (urllib.parse.quote(token, safe="-_.~"), query)
        content = request("GET", bucket, query=query)[1].decode()
        for key, size in re.findall(r"<Contents>.*?<Key>(.*?)</Key>.*?<Size>(\d+)</Size>.*?</Contents>", content, re.S):
            # A form's plus is a space.
            yield urllib.parse.unquote_plus(unescape(key)), size
        following = re.search(r"<NextContinuationToken>(.*?)</NextContinuationToken>", content)
        if not following:
            return
        token = unescape(following.group(1))


def main(command, bucket, *arguments):
    key = os.fsencode(arguments[0]) if arguments else b""
    if command == "put":
        headers = [argument.split("=", 1) for argument in arguments[1:]]
        request("PUT", bucket, key, body=sys.stdin.buffer.read(), headers=headers)
    elif command == "get":
        sys.stdout.buffer.write(request("GET", bucket, key)[1])
    elif command == "head":
        for name, value in request("HEAD", bucket, key)[0].getheaders():
            print("%s: %s" % (name.lower(), value))
    elif command == "fill":
        for number in range(int(arguments[1])):
            request("PUT", bucket, b"%s%d/file" % (key, number), body=b"x")
    elif command == "delete":
        request("DELETE", bucket, key)
    elif command == "dump":
        for number, (name, size) in enumerate(list_keys(bucket)):
            answer, content = request("GET", bucket, os.fsencode(name))
            with open(os.path.join(arguments[0], str(number)), "wb") as file:
                file.write(os.fsencode(name) + b"\n" + str(answer.getheaders()).encode() + b"\n" + content)
    else:
        for name, size in list_keys(bucket):
            print("%s\t%s" % (name, size))


sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
main(*sys.argv[1:])
