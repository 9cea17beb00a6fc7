fetch("http://127.0.0.1:8000/start", {
  "headers": {
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "accept-language": "en-US,en;q=0.9",
    "upgrade-insecure-requests": "1"
  },
  "body": null,
  "method": "GET",
  "mode": "cors",
  "credentials": "omit"
}); ;
fetch("http://127.0.0.1:8000/hello?name=John&x=%20y", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9"
  },
  "referrer": "http://127.0.0.1:8000/start",
  "body": null,
  "method": "GET",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:8000/orders", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9",
    "content-type": "application/json",
    "x-quote": "it's \"so\" $5 `x`!"
  },
  "referrer": "http://127.0.0.1:8000/start",
  "body": "{\"item\":\"tea\",\"note\":\"čaj & \\\"co\\\"\",\"price\":5}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:8000/form", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9",
    "content-type": "application/x-www-form-urlencoded;charset=UTF-8"
  },
  "referrer": "http://127.0.0.1:8000/start",
  "body": "a=1+2&b=%C3%A9&c=x%27y",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:8000/text", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9",
    "content-type": "text/plain;charset=UTF-8"
  },
  "referrer": "http://127.0.0.1:8000/start",
  "body": "line 1\nline 2\r\n\ttab $HOME `id` \\ %PATH% ^ 🍵",
  "method": "PUT",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:8000/binary", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9"
  },
  "referrer": "http://127.0.0.1:8000/start",
  "body": "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
  "method": "PUT",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:8000/upload", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9",
    "content-type": "multipart/form-data; boundary=----WebKitFormBoundaryYtDDfI7tqe4bV5mk"
  },
  "referrer": "http://127.0.0.1:8000/start",
  "body": "------WebKitFormBoundaryYtDDfI7tqe4bV5mk\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n------WebKitFormBoundaryYtDDfI7tqe4bV5mk\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n\u0000�\r\nA\r\n------WebKitFormBoundaryYtDDfI7tqe4bV5mk--\r\n",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:8000/items/3", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9"
  },
  "referrer": "http://127.0.0.1:8000/start",
  "body": null,
  "method": "DELETE",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("http://127.0.0.1:8000/empty", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9"
  },
  "referrer": "http://127.0.0.1:8000/start",
  "body": null,
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
}); ;
fetch("ws://127.0.0.1:8001/chat?room=1", {
  "headers": {
    "accept-language": "en-US,en;q=0.9",
    "cache-control": "no-cache",
    "pragma": "no-cache"
  },
  "body": null,
  "method": "GET",
  "mode": "cors",
  "credentials": "omit"
});