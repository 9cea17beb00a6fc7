curl.exe ^"http://127.0.0.1:8000/start^" ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Upgrade-Insecure-Requests: 1^" ^
  -H ^"Sec-Fetch-Dest: document^" ^
  -H ^"Sec-Fetch-Mode: navigate^" ^
  -H ^"Sec-Fetch-Site: none^" ^
  -H ^"Sec-Fetch-User: ?1^" ^
  -H ^"Priority: u=0, i^"
curl.exe ^"http://127.0.0.1:8000/hello?name=John^&x=^%^20y^" ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"Priority: u=4^"
curl.exe ^"http://127.0.0.1:8000/orders^" ^
  -X POST ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Content-Type: application/json^" ^
  -H ^"X-Quote: it's ^\^"so^\^" ^$5 `x`^!^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"Priority: u=4^" ^
  --data-raw ^"^{^\^"item^\^":^\^"tea^\^",^\^"note^\^":^\^"^čaj ^& ^\^\^\^"co^\^\^\^"^\^",^\^"price^\^":5^}^"
curl.exe ^"http://127.0.0.1:8000/form^" ^
  -X POST ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Content-Type: application/x-www-form-urlencoded;charset=UTF-8^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"Priority: u=4^" ^
  --data-raw ^"a=1+2^&b=^%^C3^%^A9^&c=x^%^27y^"
curl.exe ^"http://127.0.0.1:8000/text^" ^
  -X PUT ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Content-Type: text/plain;charset=UTF-8^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"Priority: u=4^" ^
  --data-raw ^" tab ^$HOME `id` ^\^\ ^%^PATH^% ^^ ^🍵^"
curl.exe ^"http://127.0.0.1:8000/binary^" ^
  -X PUT ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"Priority: u=4^" ^
  --data-raw ^" ^

  ^

 ^!^\^"^#^$^%^&'()*+,-./0123456789:;^<=^>?^@ABCDEFGHIJKLMNOPQRSTUVWXYZ^[^\^\^]^^_`abcdefghijklmnopqrstuvwxyz^{^|^}~ ^¡^¢^£^¤^¥^¦^§^¨^©^ª^«^¬­^®^¯^°^±^²^³^´^µ^¶^·^¸^¹^º^»^¼^½^¾^¿^À^Á^Â^Ã^Ä^Å^Æ^Ç^È^É^Ê^Ë^Ì^Í^Î^Ï^Ð^Ñ^Ò^Ó^Ô^Õ^Ö^×^Ø^Ù^Ú^Û^Ü^Ý^Þ^ß^à^á^â^ã^ä^å^æ^ç^è^é^ê^ë^ì^í^î^ï^ð^ñ^ò^ó^ô^õ^ö^÷^ø^ù^ú^û^ü^ý^þ^ÿ^"
curl.exe ^"http://127.0.0.1:8000/upload^" ^
  -X POST ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Content-Type: multipart/form-data; boundary=----geckoformboundary8ef87c731e8f383d748020f01379262b^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"Priority: u=4^" ^
  --data-binary ^
  ^"------geckoformboundary8ef87c731e8f383d748020f01379262b^

Content-Disposition: form-data; name=^\^"a^\^"^

^

1^

------geckoformboundary8ef87c731e8f383d748020f01379262b^

Content-Disposition: form-data; name=^\^"f^\^"; filename=^\^"x.bin^\^"^

Content-Type: application/octet-stream^

^

------geckoformboundary8ef87c731e8f383d748020f01379262b--^

^"
curl.exe ^"http://127.0.0.1:8000/items/3^" ^
  -X DELETE ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"Priority: u=4^"
curl.exe ^"http://127.0.0.1:8000/empty^" ^
  -X POST ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Referer: http://127.0.0.1:8000/start^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Connection: keep-alive^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: cors^" ^
  -H ^"Sec-Fetch-Site: same-origin^" ^
  -H ^"Priority: u=4^" ^
  -H ^"Content-Length: 0^"
curl.exe ^"ws://127.0.0.1:8001/chat?room=1^" ^
  -H ^"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0^" ^
  -H ^"Accept: */*^" ^
  -H ^"Accept-Language: en-US,en;q=0.9^" ^
  -H ^"Accept-Encoding: gzip, deflate, br, zstd^" ^
  -H ^"Sec-WebSocket-Version: 13^" ^
  -H ^"Origin: http://127.0.0.1:8000^" ^
  -H ^"Sec-WebSocket-Extensions: permessage-deflate^" ^
  -H ^"Sec-WebSocket-Key: 1Lhlphs853bxS1H3W83ZDw==^" ^
  -H ^"Connection: Upgrade^" ^
  -H ^"Cookie: session=abc123; theme=dark^" ^
  -H ^"Sec-Fetch-Dest: empty^" ^
  -H ^"Sec-Fetch-Mode: websocket^" ^
  -H ^"Sec-Fetch-Site: same-site^" ^
  -H ^"Pragma: no-cache^" ^
  -H ^"Cache-Control: no-cache^" ^
  -H ^"Upgrade: websocket^"
