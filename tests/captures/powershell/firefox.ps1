Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/start" `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Upgrade-Insecure-Requests" = "1"
  "Sec-Fetch-Dest" = "document"
  "Sec-Fetch-Mode" = "navigate"
  "Sec-Fetch-Site" = "none"
  "Sec-Fetch-User" = "?1"
  "Priority" = "u=0, i"
}
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8000")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8000")))
Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/hello?name=John&x=%20y" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Referer" = "http://127.0.0.1:8000/start"
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "cors"
  "Sec-Fetch-Site" = "same-origin"
  "Priority" = "u=4"
}
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8000")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8000")))
Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/orders" `
-Method "POST" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Referer" = "http://127.0.0.1:8000/start"
  "X-Quote" = "it's `"so`" `$5 ``x``!"
  "Origin" = "http://127.0.0.1:8000"
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "cors"
  "Sec-Fetch-Site" = "same-origin"
  "Priority" = "u=4"
} `
-ContentType "application/json" `
-Body ([System.Text.Encoding]::UTF8.GetBytes("{`"item`":`"tea`",`"note`":`"$([char]269)aj & \`"co\`"`",`"price`":5}"))
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8000")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8000")))
Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/form" `
-Method "POST" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Referer" = "http://127.0.0.1:8000/start"
  "Origin" = "http://127.0.0.1:8000"
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "cors"
  "Sec-Fetch-Site" = "same-origin"
  "Priority" = "u=4"
} `
-ContentType "application/x-www-form-urlencoded;charset=UTF-8" `
-Body "a=1+2&b=%C3%A9&c=x%27y"
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8000")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8000")))
Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/text" `
-Method "PUT" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Referer" = "http://127.0.0.1:8000/start"
  "Origin" = "http://127.0.0.1:8000"
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "cors"
  "Sec-Fetch-Site" = "same-origin"
  "Priority" = "u=4"
} `
-ContentType "text/plain;charset=UTF-8" `
-Body ([System.Text.Encoding]::UTF8.GetBytes("line 1$([char]10)line 2$([char]13)$([char]10)$([char]9)tab `$HOME ``id`` \ %PATH% ^ $([char]55356)$([char]57205)"))
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8000")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8000")))
Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/binary" `
-Method "PUT" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Referer" = "http://127.0.0.1:8000/start"
  "Origin" = "http://127.0.0.1:8000"
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "cors"
  "Sec-Fetch-Site" = "same-origin"
  "Priority" = "u=4"
} `
-Body ([System.Text.Encoding]::UTF8.GetBytes("$([char]0)$([char]1)$([char]2)$([char]3)$([char]4)$([char]5)$([char]6)$([char]7)$([char]8)$([char]9)$([char]10)$([char]11)$([char]12)$([char]13)$([char]14)$([char]15)$([char]16)$([char]17)$([char]18)$([char]19)$([char]20)$([char]21)$([char]22)$([char]23)$([char]24)$([char]25)$([char]26)$([char]27)$([char]28)$([char]29)$([char]30)$([char]31) !`"#`$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_``abcdefghijklmnopqrstuvwxyz{|}~$([char]127)$([char]128)$([char]129)$([char]130)$([char]131)$([char]132)$([char]133)$([char]134)$([char]135)$([char]136)$([char]137)$([char]138)$([char]139)$([char]140)$([char]141)$([char]142)$([char]143)$([char]144)$([char]145)$([char]146)$([char]147)$([char]148)$([char]149)$([char]150)$([char]151)$([char]152)$([char]153)$([char]154)$([char]155)$([char]156)$([char]157)$([char]158)$([char]159)$([char]160)$([char]161)$([char]162)$([char]163)$([char]164)$([char]165)$([char]166)$([char]167)$([char]168)$([char]169)$([char]170)$([char]171)$([char]172)$([char]173)$([char]174)$([char]175)$([char]176)$([char]177)$([char]178)$([char]179)$([char]180)$([char]181)$([char]182)$([char]183)$([char]184)$([char]185)$([char]186)$([char]187)$([char]188)$([char]189)$([char]190)$([char]191)$([char]192)$([char]193)$([char]194)$([char]195)$([char]196)$([char]197)$([char]198)$([char]199)$([char]200)$([char]201)$([char]202)$([char]203)$([char]204)$([char]205)$([char]206)$([char]207)$([char]208)$([char]209)$([char]210)$([char]211)$([char]212)$([char]213)$([char]214)$([char]215)$([char]216)$([char]217)$([char]218)$([char]219)$([char]220)$([char]221)$([char]222)$([char]223)$([char]224)$([char]225)$([char]226)$([char]227)$([char]228)$([char]229)$([char]230)$([char]231)$([char]232)$([char]233)$([char]234)$([char]235)$([char]236)$([char]237)$([char]238)$([char]239)$([char]240)$([char]241)$([char]242)$([char]243)$([char]244)$([char]245)$([char]246)$([char]247)$([char]248)$([char]249)$([char]250)$([char]251)$([char]252)$([char]253)$([char]254)$([char]255)"))
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8000")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8000")))
Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/upload" `
-Method "POST" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Referer" = "http://127.0.0.1:8000/start"
  "Origin" = "http://127.0.0.1:8000"
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "cors"
  "Sec-Fetch-Site" = "same-origin"
  "Priority" = "u=4"
} `
-ContentType "multipart/form-data; boundary=----geckoformboundary8ef87c731e8f383d748020f01379262b" `
-Body ([System.Text.Encoding]::UTF8.GetBytes("------geckoformboundary8ef87c731e8f383d748020f01379262b$([char]13)$([char]10)Content-Disposition: form-data; name=`"a`"$([char]13)$([char]10)$([char]13)$([char]10)1$([char]13)$([char]10)------geckoformboundary8ef87c731e8f383d748020f01379262b$([char]13)$([char]10)Content-Disposition: form-data; name=`"f`"; filename=`"x.bin`"$([char]13)$([char]10)Content-Type: application/octet-stream$([char]13)$([char]10)$([char]13)$([char]10)$([char]0)$([char]255)$([char]13)$([char]10)A$([char]13)$([char]10)------geckoformboundary8ef87c731e8f383d748020f01379262b--$([char]13)$([char]10)"))
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8000")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8000")))
Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/items/3" `
-Method "DELETE" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Referer" = "http://127.0.0.1:8000/start"
  "Origin" = "http://127.0.0.1:8000"
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "cors"
  "Sec-Fetch-Site" = "same-origin"
  "Priority" = "u=4"
}
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8000")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8000")))
Invoke-WebRequest -UseBasicParsing -Uri "http://127.0.0.1:8000/empty" `
-Method "POST" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Referer" = "http://127.0.0.1:8000/start"
  "Origin" = "http://127.0.0.1:8000"
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "cors"
  "Sec-Fetch-Site" = "same-origin"
  "Priority" = "u=4"
}
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie("session", "abc123", "/", "127.0.0.1:8001")))
$session.Cookies.Add((New-Object System.Net.Cookie("theme", "dark", "/", "127.0.0.1:8001")))
Invoke-WebRequest -UseBasicParsing -Uri "ws://127.0.0.1:8001/chat?room=1" `
-WebSession $session `
-UserAgent "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0" `
-Headers @{
"Accept" = "*/*"
  "Accept-Language" = "en-US,en;q=0.9"
  "Accept-Encoding" = "gzip, deflate, br, zstd"
  "Sec-WebSocket-Version" = "13"
  "Origin" = "http://127.0.0.1:8000"
  "Sec-WebSocket-Extensions" = "permessage-deflate"
  "Sec-WebSocket-Key" = "1Lhlphs853bxS1H3W83ZDw=="
  "Sec-Fetch-Dest" = "empty"
  "Sec-Fetch-Mode" = "websocket"
  "Sec-Fetch-Site" = "same-site"
  "Pragma" = "no-cache"
  "Cache-Control" = "no-cache"
  "Upgrade" = "websocket"
}
