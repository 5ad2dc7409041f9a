namespace Platform.Connectors.Tests.Security;

/// <summary>
/// Texts that have broken out of a statement somewhere. To us each is a value. They act on the table <c>planted</c>, so that one that did
/// break out would show.
/// </summary>
internal static class InjectionPayloads
{
    /// <summary>All texts, each once.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Quotes.Concat(Comments).Concat(Stacked).Concat(Unions).Concat(Booleans).Concat(Times).Concat(Backslashes).Concat(Dollars)
            .Concat(UnicodeTricks).Concat(Encodings).Concat(Controls).Concat(Shapes).Concat(Formats).Concat(Placeholders).Concat(Postgres)
            .Concat(MySql).Concat(Sqlite).Concat(DuckDb).Concat(Long).Concat(Numbers)];

    /// <summary>Values of JSON that are no text at all.</summary>
    public static IReadOnlyList<string> Malformed { get; } =
        ["\"\\ud800\"", "\"\\udc00' or 1=1 --\"", "\"a\\udfff\\ud800b\"", "[\"\\ud83d\"]", "{\"a\\ud800\": 1}"];

    /// <summary>What a source may read as a number or a date without harm.</summary>
    public static IReadOnlyList<string> Numbers =>
    [
        "0", "-0", "1", " 1 ", "+1", "1.0", "1e0", "1e999", "-1e-999", "0x1A", "0x27", "0b101", "0o17", "1_000", "00000000000000001", "NaN",
        "Infinity", "-Infinity", "2147483648", "9223372036854775808", "-9223372036854775809", "99999999999999999999999999999999999999999",
        "1e308", "0.1e-400", "١٢٣", "１", "²", "Ⅷ", "true", "null", "NULL", "2026-02-30", "0000-00-00", "9999-12-31 23:59:60",
        "2026-01-01T00:00:00+25:00", "infinity", "epoch", "now()", "current_date", "tomorrow", "24:00:00", "P1D", "1 day", "--1", "1--1",
        "1;",
        "1,1", "(1)", "1 or 1", "1 or 1=1", "1) or (1=1", "1/0", "1%00", "~0", "!0", "-1 union select 1", "1 and sleep(1)",
    ];

    private static IEnumerable<string> Quotes =>
    [
        "'", "''", "'''", "\"", "\"\"", "`", "``", "´", "' ", " '", "'a", "a'", "O'Brien", "' '", "' or '", "'||'", "'||''||'", "'+'",
        "' + '",
        "'='", "' = '", "'/*", "';", "'--", "\";", "`;", "'\"`", "\"'`", "'`\"--", "')", "'))", "')))--", "\")", "`)", "']", "'}", "'>",
        "'<'",
    ];

    private static IEnumerable<string> Comments =>
    [
        "--", "-- ", "--\n", "'--\n", "' -- ", "';--", "#", "' #", "'#\n", "/*", "*/", "/**/", "'/**/or/**/1=1--", "/*!50000 or 1=1*/",
        "/*M!100100 or 1=1 */",
        "/*/", "/*/**/*/", "'/*' */", "*/ or 1=1 --", "--\r'", "--\u007f'", "-- \n; drop table planted; --", "{{/*}}", "<!--", "//", "%%",
    ];

    private static IEnumerable<string> Stacked =>
    [
        "; drop table planted", "'; drop table planted; --", "\"; drop table planted; --", "`; drop table planted; --",
        "1; drop table planted",
        "'); drop table planted; --", "'; delete from planted; --", "'; update planted set name = 'gone'; --", "'; truncate planted; --",
        "'; insert into planted values (9, 'x'); --", "'; commit; drop table planted; --",
        "'; rollback; begin; delete from planted; commit; --",
        "'; set transaction read write; delete from planted; --", ";;;;", "\n;\ndrop table planted\n;",
        "'; alter table planted rename to x; --",
        "'; exec xp_cmdshell('id'); --", "'; shutdown; --", "' ; create table stolen (a int); --", "'; grant all on planted to public; --",
    ];

    private static IEnumerable<string> Unions =>
    [
        "' union select 1 --", "' union all select null, null --", "' union select name from planted --", "x' union select current_user --",
        "' intersect select 1 --", "' except select 1 --", "') union select 1 --", "' UnIoN SeLeCt 1 --", "' union/**/select/**/1 --",
        "' order by 9 --",
        "' group by 1 having 1=1 --", "' limit 0 offset 1 --", "' into outfile '/tmp/planted' --", "' procedure analyse() --",
    ];

    private static IEnumerable<string> Booleans =>
    [
        "' or 1=1 --", "' or '1'='1", "\" or \"1\"=\"1", "' or ''='", "' or true --", "') or ('1'='1", "' or name like '%",
        "' or not false #",
        "' oR 1=1--", "'\tor\t1=1--", "'\nor\n1=1--", "'%0aor%0a1=1", "' || 1=1 --", "' && 1=1 #", "' xor 1 #", "' div 1 #",
        "' is null or 1 is not null --",
        "admin'--", "admin' or 'x'='x", "%' or '%'='", "%", "_", "%_%", "[a-z]", "\\%", "' escape '\\", "' collate nocase or 1=1 --",
    ];

    private static IEnumerable<string> Times =>
    [
        "' or sleep(20) --", "'||pg_sleep(20)--", "' and (select 1 from pg_sleep(20)) is null --", "1;select pg_sleep(20)",
        "' or benchmark(900000000,md5(1)) #",
        "'; waitfor delay '0:0:20' --", "' and randomblob(900000000) --", "' or (select count(*) from range(90000000000)) --",
        "' and 1=(select count(*) from generate_series(1, 90000000)) --", "'-(select*from(select(sleep(20)))a)-'",
    ];

    private static IEnumerable<string> Backslashes =>
    [
        "\\", "\\\\", "\\'", "\\\\'", "\\\"", "\\`", "\\' or 1=1 #", "\\'; drop table planted; --", "\\\\'; drop table planted; --",
        "a\\", "a\\\\\\", "\\0", "\\n",
        "\\r\\n", "\\x27", "\\u0027", "\\047", "\\Z", "\\N", "\\%\\_", "' \\", "'\\''; drop table planted; --",
        "\\'||(select name from planted)||\\'", "\\b\\'", "\\\n",
    ];

    private static IEnumerable<string> Dollars =>
    [
        "$", "$$", "$$;", "$$; drop table planted; --", "$a$", "$a$ or 1=1 $a$", "a$$", "a$$$; commit; --$$", "$1", "$0", "$2 or 1=1",
        "$$'$$", "$q$'$q$", "¢$$", "€$$;$$",
        "$body$ begin delete from planted; end $body$", "${7*7}", "$(id)", "$'\\x27'",
    ];

    private static IEnumerable<string> UnicodeTricks =>
    [
        "\u2018", "\u2019 or 1=1 --", "\u201c\u201d", "\u02bc", "\u02b9", "\uff07", "\uff07 or 1=1 --", "\uff02",
        "\uff1b drop table planted", "\u037e", "\u2032",
        "\u00a0' or 1=1 --", "\u2028'", "\u2029;", "\u200b'", "\ufeff'", "\u202e' or 1=1 --", "\u0000\u0301", "e\u0301' --", "\u00e9",
        "\ud83d\ude00'", "\ud835\udfcf", "\ufffd",
        "\uffff", "\u0130' or 1=1", "\u017f\u0131", "\u1d400", "\u03a9\u2126", "\u0085'", "\u180e'", "\u3000' or\u30001=1",
    ];

    private static IEnumerable<string> Encodings =>
    [
        "%27", "%2527", "%27%20or%201=1", "&#39;", "&apos;", "&quot; or 1=1", "\\u0027 or 1=1", "char(39)", "chr(39)||chr(59)", "\u00bf'",
        "\u00bf\\' or 1=1 #", "\u7e27",
        "\u8a9e\\'", "\u00bf\u005c\u0027", "\u4e2d'", "\u00e8'", "\u00df\\", "+ACc- or 1=1", "=27", "JyBvciAxPTE=", "\u00c0\u00a7",
        "\u00c2\u0027", "%c0%27",
    ];

    private static IEnumerable<string> Controls =>
    [
        "\0", "a\0b", "' or 1=1\0 --", "\0'; drop table planted; --", "\u0001", "\u0007'", "\b'", "\t", "\n", "\r", "\r\n", "\v'", "\f'",
        "\u001a", "\u001b[2J'", "\u007f'", "\u0000\u0000",
    ];

    private static IEnumerable<string> Shapes =>
    [
        "", " ", "[]", "{\"a\": 1}", "{\"$ne\": null}", "{\"$gt\": \"\"}", "[1,2,3]", "[\"' or 1=1 --\"]", "{'a': 1}", "{1,2,3}",
        "{\"a\",\"b\"}", "{NULL}", "(1,2)", "[0:1]={1,2}",
        "<a href='x'>", "<script>alert('x')</script>", "<![CDATA[' or 1=1]]>",
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
        "(.*)", "^(a+)+$", "[", "(?<x>", ".*' or '1", "a{2,1}", "../../etc/passwd", "/etc/passwd", "file:///etc/passwd",
        "http://127.0.0.1/'", "C:\\'x", "=cmd|' /C calc'!A0",
        "true' or true", "a:b", "a::text", "::1", "a@b.c'--", "a,b';c", "x=1&y='", "*", "*)(uid=*))(|(uid=*",
    ];

    private static IEnumerable<string> Formats =>
        ["%s", "%d", "%n%n%n", "%x%x", "%1$s", "%%s'", "{0}", "{{0}}", "{}", "%(a)s", "%p", "%'.9s", "{0:x}'", "#{7*7}", "<%= 7*7 %>",
         "{{7*7}}", "{%if%}'", "@{x}"];

    private static IEnumerable<string> Placeholders =>
        [":p0", ":p1 or 1=1", "@p0", "@p1", "{{p0}}", "{{p1}}' or 1=1", "?", "?1", "? or 1=1", "$p0", ":name", "@@version", "@x:=1",
         ":p0::text", "{{ p0 }}"];

    private static IEnumerable<string> Postgres =>
    [
        "'::text||(select name from planted)||'", "E'\\''", "e'\\'; drop table planted; --'", "U&'\\0027'", "U&\"\\0061\" uescape '!'",
        "B'1'", "X'27'", "N'x'",
        "'\n'; drop table planted; --", "'||pg_read_file('/etc/passwd')||'", "'||(select passwd from pg_shadow limit 1)||'",
        "'; copy planted to program 'id'; --",
        "'; do $$ begin delete from planted; end $$; --", "'||query_to_xml('delete from planted',true,true,'')||'", "'::regclass",
        "planted'::regclass", "'@>'{}'", "?|'",
        "'; select lo_export(1, '/tmp/x'); --", "'; notify x, 'y'; --", "'; listen x; --", "'; declare c cursor for select 1; --",
        "(select 1)", "any(array[1])",
    ];

    private static IEnumerable<string> MySql =>
    [
        "' or 1=1 -- -", "'/*!or*/1=1#", "1e1into outfile '/tmp/x'", "\\Ninto outfile '/tmp/x' #", "' into dumpfile '/tmp/x' #",
        "'||load_file('/etc/passwd')||'",
        "' or updatexml(1,concat(0x7e,version()),1) #", "' or extractvalue(1,concat(0x7e,1)) #", "' or 1 rlike '1", "' sounds like '",
        "_gbk'\u00bf\\'", "_utf8mb4'x'",
        "' or @@global.read_only #", "'; handler planted open; #", "'; prepare s from 'drop table planted'; execute s; #",
        "'; set session sql_mode='ANSI_QUOTES'; #",
        "'; load data infile '/etc/passwd' into table planted; #", "' collate utf8mb4_bin #", "'=0#", "'<=>''#", "' or name=0 #", "''=''",
        "\\' or \\'1\\'=\\'1",
    ];

    private static IEnumerable<string> Sqlite =>
    [
        "'; attach '/tmp/x' as y; --", "'||load_extension('/tmp/x')||'", "'; pragma writable_schema=on; --",
        "'; vacuum into '/tmp/x'; --", "' glob '*", "' match 'x",
        "x'27'", "'||writefile('/tmp/x','y')||'", "' or typeof(name)='text", "[name]", "'||sqlite_version()||'", "' or rowid --",
        "'||zeroblob(900000000)||'",
    ];

    private static IEnumerable<string> DuckDb =>
    [
        "'; install httpfs; load httpfs; --", "'; copy planted to '/tmp/x.csv'; --",
        "' or (select count(*) from read_csv('/etc/passwd')) --", "'; set lock_configuration=false; --",
        "'; export database '/tmp/x'; --", "'||getenv('PATH')||'", "'; pragma database_list; --", "' or 1 in (from glob('/etc/*')) --",
        "'; attach '/tmp/x.db'; --", "read_text('/etc/passwd')",
    ];

    private static IEnumerable<string> Long =>
        [new string('\'', 4001), new string('\\', 4001), new string('(', 5000), "' or 1=1 --" + new string(' ', 9000),
         string.Concat(Enumerable.Repeat("ü'", 4000)), new string('a', 200_000) + "' or 1=1 --"];
}
