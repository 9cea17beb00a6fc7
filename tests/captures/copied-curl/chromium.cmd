curl --url ^"http://127.0.0.1:8000/start^" ^
  -H ^"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Sec-Fetch-Dest: document^" ^
  -H ^"Sec-Fetch-Mode: navigate^" ^
  -H ^"Sec-Fetch-Site: none^" ^
  -H ^"Sec-Fetch-User: ?1^" ^
  -H ^"Upgrade-Insecure-Requests: 1^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" &
curl --url ^"http://127.0.0.1:8000/hello?name=John^&x=^%^20y^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -b ^"session=abc123; theme=dark^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" &
curl --url ^"http://127.0.0.1:8000/orders^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Content-Type: application/json^" ^
  -b ^"session=abc123; theme=dark^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"X-Quote: it's ^\^"so^\^" ^$5 ^`x^`^!^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" ^
  --data-raw ^"^{^\^"item^\^":^\^"tea^\^",^\^"note^\^":^\^"^ aj ^& ^\^\^\^"co^\^\^\^"^\^",^\^"price^\^":5^}^" &
curl --url ^"http://127.0.0.1:8000/form^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Content-Type: application/x-www-form-urlencoded;charset=UTF-8^" ^
  -b ^"session=abc123; theme=dark^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" ^
  --data-raw ^"a=1+2^&b=^%^C3^%^A9^&c=x^%^27y^" &
curl --url ^"http://127.0.0.1:8000/text^" ^
  -X ^"PUT^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Content-Type: text/plain;charset=UTF-8^" ^
  -b ^"session=abc123; theme=dark^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" ^
  --data-raw ^"line 1^

line 2^

 tab ^$HOME ^`id^` ^\^\ ^%^PATH^% ^^ ^ ^ ^" &
curl --url ^"http://127.0.0.1:8000/binary^" ^
  -X ^"PUT^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -b ^"session=abc123; theme=dark^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" ^
  --data-raw ^"^ ^ ^ ^ ^ ^ ^ ^ ^  ^

  ^

^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^  ^!^\^"^#^$^%^&'^(^)*+,-./0123456789:;^<=^>?^@ABCDEFGHIJKLMNOPQRSTUVWXYZ^[^\^\^]^^_^`abcdefghijklmnopqrstuvwxyz^{^|^}~^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^  ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^ ^" &
curl --url ^"http://127.0.0.1:8000/upload^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Content-Type: multipart/form-data; boundary=----WebKitFormBoundaryYtDDfI7tqe4bV5mk^" ^
  -b ^"session=abc123; theme=dark^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" ^
  --data-raw ^"------WebKitFormBoundaryYtDDfI7tqe4bV5mk^

Content-Disposition: form-data; name=^\^"a^\^"^

^

1^

------WebKitFormBoundaryYtDDfI7tqe4bV5mk^

Content-Disposition: form-data; name=^\^"f^\^"; filename=^\^"x.bin^\^"^

Content-Type: application/octet-stream^

^

^ ^ ^

A^

------WebKitFormBoundaryYtDDfI7tqe4bV5mk--^

^" &
curl --url ^"http://127.0.0.1:8000/items/3^" ^
  -X ^"DELETE^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -b ^"session=abc123; theme=dark^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" &
curl --url ^"http://127.0.0.1:8000/empty^" ^
  -X ^"POST^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Content-Length: 0^" ^
  -b ^"session=abc123; theme=dark^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"sec-ch-ua: ^\^"Not:A-Brand^\^";v=^\^"8^\^", ^\^"Chromium^\^";v=^\^"156^\^"^" ^
  -H ^"sec-ch-ua-mobile: ?0^" ^
  -H ^"sec-ch-ua-platform: ^\^"Linux^\^"^" &
curl --url ^"ws://127.0.0.1:8001/chat?room=1^" ^
  -H ^"Upgrade: websocket^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Cache-Control: no-cache^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Pragma: no-cache^" ^
  -H ^"Connection: Upgrade^" ^
  -H ^"Sec-WebSocket-Key: 0415KuiccGLOfx0q+37Qtg==^" ^
  -H ^"User-Agent: Mozilla/5.0 ^(X11; Linux x86_64^) AppleWebKit/537.36 ^(KHTML, like Gecko^) HeadlessChrome/156.0.0.0 Safari/537.36^" ^
  -H ^"Sec-WebSocket-Version: 13^" ^
  -H ^"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits^"