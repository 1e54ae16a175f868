// User agents of people: browsers on computers, phones, televisions and consoles, and the browsers inside apps. Written from the forms
// that the makers document, with versions as they run; not from the grammars under test.

import type { Random } from './random.ts';

type Make = (r: Random) => string;

const chromeVersion = (r: Random): string =>
  r.pick([`${49 + r.below(100)}.0.0.0`, `${60 + r.below(85)}.0.${2000 + r.below(5600)}.${r.below(240)}`]);
const androidVersion = (r: Random): string =>
  r.pick(['4.4.2', '5.1.1', '6.0.1', '7.0', '8.1.0', '9', '10', '11', '12', '13', '14', '15', '16']);
const iosVersion = (r: Random, mark = '_'): string =>
  [9 + r.below(18), r.below(8), ...(r.chance(0.5) ? [r.below(4)] : [])].join(mark);
const iosBuild = (r: Random): string =>
  `${13 + r.below(10)}${r.pick(['A', 'B', 'C', 'D', 'E', 'F', 'G'])}${100 + r.below(900)}`;
const locale = (r: Random): string =>
  r.pick(['en_US', 'de_DE', 'pt_BR', 'zh_CN', 'ja_JP', 'ar_EG', 'ru_RU', 'es_MX', 'hi_IN', 'fr_FR', 'id_ID', 'tr_TR']);

/** Models and builds as Android writes them; some hold a word of a program, as Cubot's phones do. */
const model = (r: Random): string =>
  r.pick([
    () =>
      `SM-${r.pick(['A', 'G', 'S', 'M', 'N', 'J', 'T'])}${100 + r.below(899)}${r.pick(['F', 'B', 'U', 'N', '', 'M'])}`,
    () => `Pixel ${r.pick(['4a', '5', '6', '7 Pro', '8', '9', '9 Pro XL'])}`,
    () => `CUBOT ${r.pick(['NOTE 20', 'X18 Plus', 'KINGKONG 5', 'P40', 'MAX 3', 'J9', 'ECHO', 'H3', 'NOVA'])}`,
    () => `CUBOT_${r.pick(['X18_Plus', 'NOTE_S', 'P20', 'POWER'])}`,
    () => `Redmi Note ${7 + r.below(7)}${r.pick(['', ' Pro', 'S'])}`,
    () => `M2${r.below(10)}0${r.below(10)}J${r.below(30)}S${r.pick(['G', 'Y', 'I'])}`,
    () => `2${r.below(4)}0${r.below(9)}${1000 + r.below(8000)}${r.pick(['G', 'C', 'I'])}`,
    () => `CPH${1800 + r.below(900)}`,
    () => `V${1900 + r.below(500)}${r.pick(['', 'A'])}`,
    () => `RMX${1800 + r.below(2200)}`,
    () => `TECNO ${r.pick(['KE5', 'BF7', 'CK7n', 'LH7n', 'SPARK GO'])}`,
    () => `Infinix X${600 + r.below(300)}`,
    () => `${r.pick(['ELE', 'VOG', 'ANA', 'JNY', 'LIO', 'MAR'])}-${r.pick(['L29', 'LX1', 'AL00', 'L04', 'LX3'])}`,
    () => `moto ${r.pick(['g(60)', 'e20', 'g power (2022)', 'g54 5G'])}`,
    () => `Nokia ${r.pick(['G21', '3.4', 'TA-1021', 'C20'])}`,
    () => `LM-${r.pick(['K500', 'Q720', 'X420'])}`,
    () => `ONEPLUS A${3000 + r.below(4000)}`,
    () => `Lenovo TB-${r.pick(['X606F', '8505F', 'J606F'])}`,
    () => `KF${r.pick(['TRWI', 'MAWI', 'ONWI', 'TRPWI'])}`,
    () => `BLU ${r.pick(['STUDIO X', 'G91', 'VIVO XL'])}`,
    () => `ZTE ${r.pick(['Blade A5 2020', 'BLADE V10'])}`,
    () => `Spider ${r.pick(['S1', 'X5'])}`,
    () => `Crawler ${r.pick(['Z2', 'Max'])}`,
    () => `itel ${r.pick(['A661L', 'L6005', 'P551L'])}`,
    () => `DUB-LX${1 + r.below(3)}`,
    () => `Hisense ${r.pick(['E50', 'HLTE226E', 'U964'])}`,
    () => `Robotel R${1 + r.below(9)}`,
  ])();
const build = (r: Random): string =>
  r.chance(0.4)
    ? ` Build/${r.pick(['QP1A', 'RP1A', 'SP1A', 'TP1A', 'UP1A', 'PPR1', 'NRD90M', 'LMY47V', 'KOT49H'])}.${190000 + r.below(60000)}.${r.pick(['001', '020', '114'])}`
    : '';
const android = (r: Random): string =>
  `Linux; Android ${androidVersion(r)}; ${r.chance(0.35) ? 'K' : model(r) + build(r)}`;
const webview = (r: Random): string =>
  `Mozilla/5.0 (Linux; Android ${androidVersion(r)}; ${model(r)}${build(r)}; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/${chromeVersion(r)} Mobile Safari/537.36`;
const iphone = (r: Random): string =>
  `Mozilla/5.0 (${r.pick(['iPhone; CPU iPhone', 'iPad; CPU', 'iPod touch; CPU iPhone'])} OS ${iosVersion(r)} like Mac OS X) AppleWebKit/60${1 + r.below(5)}.1.15 (KHTML, like Gecko)`;
const iosApp = (r: Random): string => `${iphone(r)} Mobile/${iosBuild(r)}`;
const computer = (r: Random): string =>
  r.pick([
    'Windows NT 10.0; Win64; x64',
    'Windows NT 6.1; WOW64',
    'Windows NT 6.3; Win64; x64',
    'Windows NT 6.1',
    'Windows NT 5.1',
    'Windows NT 10.0; WOW64',
    'Macintosh; Intel Mac OS X 10_15_7',
    'Macintosh; Intel Mac OS X 10_11_6',
    'X11; Linux x86_64',
    'X11; CrOS x86_64 14541.0.0',
    'X11; Linux aarch64',
  ]);
const chromium = (r: Random): string =>
  `Mozilla/5.0 (${computer(r)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(r)}`;
const mobile = (r: Random): string =>
  `Mozilla/5.0 (${android(r)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(r)} Mobile Safari/537.36`;

const makers: readonly Make[] = [
  // Computers.
  (r) => `${chromium(r)} Safari/537.36`,
  (r) => `${chromium(r)} Safari/537.36 Edg/${chromeVersion(r)}`,
  (r) => `${chromium(r)} Safari/537.36 OPR/${30 + r.below(90)}.0.${r.below(5000)}.${r.below(200)}`,
  (r) =>
    `${chromium(r)} Safari/537.36 ${r.pick([`Vivaldi/${4 + r.below(4)}.${r.below(9)}`, 'Avast/131.0.0.0', 'AVG/130.0.0.0', 'CCleaner/129.0.0.0', 'Brave/1.70', 'Sleipnir/6.4', 'Whale/3.28.266.14', 'Iron', 'Ddg/17.4'])}`,
  (r) => `${chromium(r)} YaBrowser/2${r.below(5)}.${1 + r.below(12)}.0 Yowser/2.5 Safari/537.36`,
  (r) =>
    `${chromium(r)} Safari/537.36 ${r.pick(['QQBrowser/12.0.5490.400', 'LBBROWSER', 'SE 2.X MetaSr 1.0', '360SE', 'Core/1.94.202.400', 'UBrowser/7.0.185.1002', 'Maxthon/5.3.8.2000', 'Coc_Coc_Browser/95.0.150', 'Epiphany/605.1.15', 'Seamonkey/2.53'])}`,
  (r) => `Mozilla/5.0 (${computer(r)}; rv:${40 + r.below(105)}.0) Gecko/20100101 Firefox/${40 + r.below(105)}.0`,
  (r) =>
    `Mozilla/5.0 (${computer(r)}; rv:${40 + r.below(60)}.0) Gecko/20100101 Firefox/${40 + r.below(60)}.0 ${r.pick(['PaleMoon/33.3.1', 'Waterfox/91.9.1', 'SeaMonkey/2.53.18', 'LibreWolf/128', 'Goanna/6.7'])}`,
  (r) =>
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_${9 + r.below(7)}_${r.below(8)}) AppleWebKit/60${1 + r.below(5)}.1.15 (KHTML, like Gecko) Version/${9 + r.below(18)}.${r.below(6)} Safari/60${1 + r.below(5)}.1.15`,
  (r) =>
    `Mozilla/5.0 (Windows NT ${r.pick(['6.1', '6.3', '10.0'])}; ${r.pick(['WOW64; ', 'Win64; x64; ', ''])}Trident/7.0; ${r.pick(['', '.NET4.0C; .NET4.0E; ', 'SLCC2; .NET CLR 2.0.50727; Media Center PC 6.0; ', 'Touch; '])}rv:11.0) like Gecko`,
  (r) =>
    `Mozilla/${r.pick(['4.0', '5.0'])} (compatible; MSIE ${r.pick(['6.0', '7.0', '8.0', '9.0', '10.0'])}; Windows NT ${r.pick(['5.1', '6.0', '6.1', '6.2'])}${r.pick(['', '; SV1', '; WOW64; Trident/5.0', '; Trident/4.0; SLCC2; .NET CLR 2.0.50727', '; Trident/6.0', '; InfoPath.2; .NET4.0C', '; GTB7.4; MRSPUTNIK 2, 4, 1, 74', '; Maxthon 2.0', '; AskTbATU3/5.9.1'])})`,
  (r) =>
    `Opera/9.80 (${r.pick(['Windows NT 6.1; U; en', 'X11; Linux x86_64', 'Macintosh; Intel Mac OS X 10.6.8; U; de', 'Windows NT 5.1; MRA 5.6 (build 03278)'])}) Presto/2.${6 + r.below(9)}.${100 + r.below(300)} Version/1${r.below(3)}.${r.below(70)}`,
  (r) =>
    `Mozilla/5.0 (X11; ${r.pick(['Ubuntu; Linux x86_64', 'Fedora; Linux x86_64', 'FreeBSD amd64', 'OpenBSD amd64', 'Linux i686', 'NetBSD amd64'])}; rv:${60 + r.below(80)}.0) Gecko/20100101 Firefox/${60 + r.below(80)}.0`,
  (r) =>
    `Mozilla/5.0 (${r.pick(['Unknown; Linux', 'X11; Linux x86_64'])}) AppleWebKit/538.1 (KHTML, like Gecko) ${r.pick(['Falkon/3.1.0', 'QupZilla/1.8.9', 'Konqueror/5.0', 'Midori/9.0', 'Otter/1.0'])} Safari/538.1`,
  (r) =>
    r.pick([
      'Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.13',
      'w3m/0.5.3+git20230121',
      'Links (2.29; Linux 6.8.0 x86_64; GNU C 13.2; text)',
      'ELinks/0.16.1.1 (textmode; Linux; 80x25-2)',
      'Dillo/3.1.1',
    ]),
  (r) =>
    `Mozilla/5.0 (${computer(r)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(r)} Safari/537.36 ${r.pick(['Teams/1.7.00.1', 'Slack/4.41.98', 'Discord/1.0.9170', 'Electron/31.0', 'obsidian/1.7.7', 'Notion/4.2', 'WhatsApp/2.2450'])}`,
  // Phones and tablets.
  mobile,
  (r) =>
    `Mozilla/5.0 (${android(r)}) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/${4 + r.below(24)}.${r.below(5)} Chrome/${chromeVersion(r)} Mobile Safari/537.36`,
  (r) =>
    `Mozilla/5.0 (Android ${androidVersion(r)}; ${r.pick(['Mobile', 'Tablet'])}; rv:${60 + r.below(80)}.0) Gecko/${60 + r.below(80)}.0 Firefox/${60 + r.below(80)}.0`,
  (r) =>
    `Mozilla/5.0 (Linux; U; Android ${androidVersion(r)}; ${r.pick(['en-US', 'zh-CN', 'id', 'ru-RU'])}; ${model(r)}${build(r)}) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/${chromeVersion(r)} UCBrowser/1${r.below(4)}.${r.below(9)}.${r.below(9)}.${1000 + r.below(400)} Mobile Safari/537.36`,
  (r) =>
    `UCWEB/2.0 (MIDP-2.0; U; Adr ${androidVersion(r)}; ${r.pick(['en-US', 'id'])}; ${model(r).replaceAll(' ', '_')}) U2/1.0.0 UCBrowser/10.${r.below(9)}.0.706 U2/1.0.0 Mobile`,
  (r) =>
    `Mozilla/5.0 (Linux; U; Android ${androidVersion(r)}; ${r.pick(['en-us', 'zh-cn'])}; ${model(r)}${build(r)}) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/${chromeVersion(r)} Mobile Safari/537.36 ${r.pick(['XiaoMi/MiuiBrowser/14.9.1-gn', 'HeyTapBrowser/45.8.3.1', 'VivoBrowser/21.5.0.0', 'HuaweiBrowser/14.0.3', 'MQQBrowser/13.7 TBS/046295', 'OppoBrowser/15.6'])}`,
  (r) =>
    `Mozilla/5.0 (Linux; U; Android ${r.pick(['2.3.6', '4.0.4', '4.1.2', '4.2.2'])}; ${r.pick(['en-us', 'de-de', 'pt-br'])}; ${model(r)}${build(r)}) AppleWebKit/53${r.pick(['3.1', '4.30'])} (KHTML, like Gecko) Version/4.0 Mobile Safari/53${r.pick(['3.1', '4.30'])}`,
  (r) =>
    `Opera/9.80 (${r.pick(['Android; Opera Mini', 'J2ME/MIDP; Opera Mini', 'Series 60; Opera Mini', 'iPhone; Opera Mini'])}/${4 + r.below(60)}.${r.below(3)}.${2254 + r.below(900)}/${30 + r.below(170)}.${r.below(300)}; U; en) Presto/2.12.423 Version/12.16`,
  (r) => `${mobile(r)} OPR/${40 + r.below(45)}.${r.below(9)}.${2254 + r.below(2000)}.${r.below(90000)}`,
  (r) =>
    `${mobile(r)} ${r.pick(['EdgA/131.0.2903.87', 'Brave/1.73', 'YaBrowser/24.10.2.83.00 SA/3', 'DuckDuckGo/5', 'Ddg/18', 'Phoenix/16.2', 'Kiwi/124', 'Puffin/9.10.1.51573AP', 'Ecosia android@', 'Whale/1.0.0.0 Crosswalk/28.122'])}`,
  (r) => `${iphone(r)} Version/${9 + r.below(18)}.${r.below(6)} Mobile/15E148 Safari/604.1`,
  (r) =>
    `${iphone(r)} ${r.pick([`CriOS/${chromeVersion(r)}`, `FxiOS/${40 + r.below(100)}.0`, 'EdgiOS/131.0.2903.92 Version/18.0', 'OPiOS/16.0.15', 'OPT/5.3.1', 'DuckDuckGo/7', 'Ddg/18.2', 'YaBrowser/24.10.3.389.10 SA/3', 'Brave/1.73', 'Focus/8.1.9', 'Ecosia/11.0', 'Mercury/8.7', 'UCBrowser/15.0.1', 'MQQBrowser/15.1.2'])} Mobile/15E148 Safari/604.1`,
  (r) =>
    `Mozilla/5.0 (${r.pick(['Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950', 'Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920', 'Windows Phone OS 7.5; Trident/5.0; IEMobile/9.0; HTC; Radar'])}) ${r.pick(['AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15254', 'like Gecko'])}`,
  (r) =>
    r.pick([
      'Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9.2372 Mobile Safari/537.10+',
      'BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/120',
      'Mozilla/5.0 (BlackBerry; U; BlackBerry 9900; en) AppleWebKit/534.11+ (KHTML, like Gecko) Version/7.1.0.346 Mobile Safari/534.11+',
      `Nokia${5000 + r.below(2000)}/2.0 (05.85) Profile/MIDP-2.1 Configuration/CLDC-1.1`,
      'SAMSUNG-GT-S5620/S5620XEJK2 SHP/VPP/R5 Dolfin/2.0 NexPlayer/3.0 BMI/2.3 CTV/1.0',
      'Mozilla/5.0 (SymbianOS/9.4; Series60/5.0 NokiaN97-1/20.0.019; Profile/MIDP-2.1 Configuration/CLDC-1.1) AppleWebKit/525 (KHTML, like Gecko) BrowserNG/7.1.18124',
      'SonyEricssonW995/R1EA Profile/MIDP-2.1 Configuration/CLDC-1.1 UNTRUSTED/1.0',
      'LG-KU990i/V10a Obigo/WAP2.0 Profile/MIDP-2.0 Configuration/CLDC-1.1',
      'Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1',
      'Mozilla/5.0 (Mobile; LYF/F220B/LYF-F220B-001; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5',
      'DoCoMo/2.0 N905i(c100;TB;W24H16)',
      'KDDI-CA39 UP.Browser/6.2.0.13.1.5 (GUI) MMP/2.0',
      'SoftBank/1.0/831SH/SHJ003/SN123456789012345 Browser/NetFront/3.5 Profile/MIDP-2.0',
    ]),
  (r) =>
    `Mozilla/5.0 (Linux; Android 12; HarmonyOS; ${r.pick(['ANA-AN00', 'NOH-AN01', 'ALN-AL80'])}; HMSCore 6.13.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(r)} HuaweiBrowser/14.0.5.302 Mobile Safari/537.36`,
  (r) =>
    `Mozilla/5.0 (Phone; OpenHarmony ${4 + r.below(2)}.${r.below(2)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(r)} Safari/537.36 ArkWeb/${4 + r.below(2)}.1.6.1 Mobile`,
  // Browsers inside apps.
  (r) =>
    `${iosApp(r)} [FBAN/${r.pick(['FBIOS', 'MessengerForiOS', 'FBForIPhone'])};FBAV/${300 + r.below(190)}.0.0.${r.below(50)}.${r.below(120)};FBBV/${100000000 + r.below(500000000)};FBDV/iPhone${8 + r.below(9)},${1 + r.below(5)};FBMD/iPhone;FBSN/iOS;FBSV/${iosVersion(r, '.')};FBSS/3;FBID/phone;FBLC/${locale(r)};FBOP/5]`,
  (r) =>
    `${webview(r)} [FB_IAB/${r.pick(['FB4A', 'MESSENGER', 'Orca-Android'])};FBAV/${300 + r.below(190)}.0.0.${r.below(50)}.${r.below(120)};${r.pick(['', 'IABMV/1;'])}]`,
  (r) =>
    `${iosApp(r)} Instagram ${200 + r.below(160)}.0.0.${r.below(40)}.${r.below(120)} (iPhone${9 + r.below(9)},${1 + r.below(4)}; iOS ${iosVersion(r)}; ${locale(r)}; ${locale(r).slice(0, 2)}; scale=3.00; 1170x2532; ${200000000 + r.below(400000000)})`,
  (r) =>
    `${webview(r)} Instagram ${200 + r.below(160)}.0.0.${r.below(40)}.${r.below(120)} Android (${29 + r.below(6)}/1${r.below(6)}; 480dpi; 1080x2160; ${r.pick(['samsung', 'Xiaomi', 'HUAWEI', 'CUBOT'])}; ${model(r)}; ${locale(r)}; ${300000000 + r.below(300000000)})`,
  (r) =>
    `Instagram ${200 + r.below(160)}.0.0.${r.below(40)}.${r.below(120)} Android (${29 + r.below(6)}/1${r.below(6)}; 420dpi; 1080x2220; ${r.pick(['samsung', 'OPPO'])}; ${model(r)}; a10; exynos7884B; ${locale(r)}; ${300000000 + r.below(300000000)})`,
  (r) =>
    `${r.pick([iosApp(r), webview(r) + ' MMWEBID/' + r.below(9999)])} MicroMessenger/8.0.${r.below(60)}(0x1800${1000 + r.below(8000)}) NetType/${r.pick(['WIFI', '4G', '5G'])} Language/${r.pick(['zh_CN', 'en'])}`,
  (r) =>
    `${webview(r)} XWEB/1300${r.below(400)} MMWEBSDK/2024${1000 + r.below(200)} MMWEBID/${r.below(9999)} MicroMessenger/8.0.${r.below(60)}.2820(0x28003${r.below(999)}) WeChat/arm64 Weixin NetType/5G Language/zh_CN ABI/arm64 MiniProgramEnv/android`,
  (r) =>
    `${r.pick([iosApp(r), webview(r)])} Safari Line/1${r.below(5)}.${r.below(20)}.${r.below(3)}${r.pick(['', '/IAB', ' LIFF'])}`,
  (r) =>
    `${iosApp(r)} ${r.pick(['musical_ly', 'trill'])}_${20 + r.below(16)}.${r.below(9)}.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/${locale(r).slice(0, 2)} Region/US isDarkMode/1 WKWebView/1 BytedanceWebview/d8a21c6 FalconTag/${r.hex(8)}`,
  (r) =>
    `${webview(r)} ${r.pick(['trill', 'musical_ly'])}_2022${r.below(900)} JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/${r.pick(['musical_ly', 'trill'])} app_version/${20 + r.below(16)}.${r.below(9)}.4 ByteLocale/${locale(r).slice(0, 2)} BytedanceWebview/d8a21c6`,
  (r) =>
    `${r.pick([iosApp(r), webview(r)])} Snapchat/1${r.below(4)}.${r.below(80)}.0.${r.below(60)} (${r.pick([`like Safari/8619.1.26, panda`, `${model(r)}; Android ${androidVersion(r)}#G991BXXU5#31; gzip; )`])}`,
  (r) => `${r.pick([iosApp(r) + ' [Pinterest/iOS]', webview(r) + ' [Pinterest/Android]'])}`,
  (r) => `${iphone(r)} GSA/${100 + r.below(250)}.0.${500000000 + r.below(200000000)} Mobile/15E148 Safari/604.1`,
  (r) => `${mobile(r)} GSA/1${r.below(6)}.${r.below(50)}.${r.below(40)}.ve.arm64`,
  (r) =>
    `${iosApp(r)} ${r.pick(['Twitter for iPhone/10.72', 'LinkedInApp/9.30.2150', 'KAKAOTALK 11.4.5', 'NAVER(inapp; search; 2000; 12.9.4; 14PROMAX)', 'DaumApps/7.9.0', 'baiduboxapp/13.71.0.10 (Baidu; P2 18.0)', 'YaSearchBrowser/24.116', 'AliApp(DingTalk/7.6.45)', 'QQ/9.1.20.618 V1_IPH_SQ', 'Weibo (iPhone14,5__weibo__14.10.2__iphone__os18.0)', 'Viber/24.1.0', 'Telegram-iOS/11.2', 'WhatsApp/24.23.80', 'Threads 360.0.0.30', 'BIGO/6.1', 'Zalo iOS/24.10.03', 'Reddit/2024.46.0', 'imo/2024.11'])}`,
  (r) =>
    `${webview(r)} ${r.pick(['Twitter for Android/10.68.0', 'LinkedInApp', 'KAKAOTALK/25.10.1 (INAPP)', 'NAVER(inapp; search; 2000; 12.9.5)', 'DaumApps/8.1.4 DaumDevice/mobile', 'baiduboxapp/13.71.5.10 (Baidu; P1 13)', 'YaApp_Android/24.116 YaSearchBrowser/24.116', 'AliApp(TB/10.41.10) UCBS/2.11.1.1 WindVane/8.5.0', 'QQ/9.1.20.19395 V1_AND_SQ_9.1.20', 'Weibo (samsung-SM-G9980__weibo__14.11.0__android__android13)', 'Viber/23.9.1', 'Zalo android/24100903', 'Flipboard/4.3.26', 'news_article/9.3.0 JsSdk/2', 'com.sina.news', 'GoogleApp/16.1', 'Telegram-Android/11.4.2 (Samsung SM-A525F; Android 13; SDK 33; AVERAGE)'])}`,
  (r) =>
    `${r.pick(['MyShop', 'Zeitung', 'Radio', 'Games', 'Bank', 'Robothek', 'Scanbot', 'Spiderman'])}/${1 + r.below(9)}.${r.below(9)} (iPhone; iOS ${iosVersion(r, '.')}; Scale/${r.pick(['2', '3'])}.00)`,
  (r) => `Dalvik/2.1.0 (Linux; U; Android ${androidVersion(r)}; ${model(r)}${build(r)})`,
  // Televisions, consoles, glasses, cars, readers.
  (r) =>
    `Mozilla/5.0 (${r.pick(['SMART-TV; Linux; Tizen 6.0', 'SMART-TV; LINUX; Tizen 4.0', 'Linux; Tizen 2.4; SMART-TV'])}) AppleWebKit/537.36 (KHTML, like Gecko) ${r.pick(['76.0.3809.146/6.0 TV Safari/537.36', 'Version/4.0 TV Safari/537.36', 'SamsungBrowser/2.1 Chrome/56.0.2924.0 TV Safari/537.36'])}`,
  (r) =>
    `Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(r)} Safari/537.36 ${r.pick(['WebAppManager', 'LG Browser/8.00.00(LGE; 55UP75006LF; 03.21.30; 1)', ''])}`.trim(),
  (r) =>
    r.pick([
      `Roku/DVP-${9 + r.below(5)}.${r.below(20)} (${100 + r.below(400)}.00E04111A)`,
      `Mozilla/5.0 (CrKey armv7l 1.5.16041) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(r)} Safari/537.36 CrKey/1.56.500000`,
      `AppleTV11,1/${11 + r.below(7)}.1`,
      `Mozilla/5.0 (Linux; Android 9; AFTKA Build/PS7285) AppleWebKit/537.36 (KHTML, like Gecko) Silk/${80 + r.below(45)}.3.1 like Chrome/${chromeVersion(r)} Safari/537.36`,
      'Opera/9.80 (Linux armv7l; HbbTV/1.2.1 (; Philips; 40HFL5010T12; ; PHILIPSTV; CE-HTML/1.0 NETTV/4.4.1; ) ) Presto/2.12.407 Version/12.50',
      'HbbTV/1.6.1 (+DRM;Samsung;SmartTV2022:UAU7000;T-KSU2EDEUC-2207.1;KantSU2e;) Tizen/6.5',
      'Mozilla/5.0 (Linux; NetCast; U) AppleWebKit/537.31 (KHTML, like Gecko) SmartTV/8.5',
      'Mozilla/5.0 (Linux; Android 10; BRAVIA 4K VH2 Build/QTG3.200305.006; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/90.0.4430.91 Mobile Safari/537.36',
    ]),
  (r) =>
    r.pick([
      `Mozilla/5.0 (PlayStation; PlayStation 5/${2 + r.below(8)}.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15`,
      `Mozilla/5.0 (PlayStation 4 ${5 + r.below(7)}.50) AppleWebKit/605.1.15 (KHTML, like Gecko)`,
      'Mozilla/5.0 (PLAYSTATION 3 4.91) AppleWebKit/531.22.8 (KHTML, like Gecko)',
      'Mozilla/5.0 (PlayStation Vita 3.73) AppleWebKit/537.73 (KHTML, like Gecko) Silk/3.2',
      'Mozilla/5.0 (Nintendo Switch; WebApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.3.21.1 NintendoBrowser/5.1.0.31300',
      'Mozilla/5.0 (Nintendo WiiU) AppleWebKit/536.30 (KHTML, like Gecko) NX/3.0.4.2.12 NintendoBrowser/4.3.1.11264.EU',
      'Mozilla/5.0 (Nintendo 3DS; U; ; en) Version/1.7639.EU',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edge/44.18363.8131',
    ]),
  (r) =>
    r.pick([
      `Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/${20 + r.below(20)}.0.0.12.45 Chrome/${chromeVersion(r)} VR Safari/537.36`,
      'Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/601.1 (KHTML, like Gecko) Tesla QtCarBrowser Safari/601.1',
      `Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${chromeVersion(r)} Safari/537.36 Tesla/2024.38.7-3a0b52c`,
      'Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+',
      'Mozilla/5.0 (Linux; U; Android 2.0; en-us;) AppleWebKit/538.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/538.1 (Kobo Touch 0377/4.38.23171)',
      'Mozilla/5.0 (Linux; Android 8.1.0; BOOX Max3) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.141 Safari/537.36',
    ]),
];

/** One person's user agent. */
export const personAgent = (r: Random): string => r.pick(makers)(r);
