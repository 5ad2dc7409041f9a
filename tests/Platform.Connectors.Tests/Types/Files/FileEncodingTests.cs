using System.Text;

namespace Platform.Connectors.Tests.Types.Files;

public sealed class FileEncodingTests : FileTest
{
    private const string People = "name;city\nJosé;Málaga\nZoë;Köln\n";
    private const string Read = """text text [["José","Málaga"],["Zoë","Köln"]]""";

    private static IEnumerable<TestCaseData> Marked()
    {
        yield return new TestCaseData(new UTF8Encoding(false), "utf-8").SetArgDisplayNames("utf-8");
        yield return new TestCaseData(new UTF8Encoding(true), "utf-8").SetArgDisplayNames("utf-8 with a mark");
        yield return new TestCaseData(new UnicodeEncoding(false, true), "utf-16le").SetArgDisplayNames("utf-16le");
        yield return new TestCaseData(new UnicodeEncoding(true, true), "utf-16be").SetArgDisplayNames("utf-16be");
    }

    [TestCaseSource(nameof(Marked))]
    public async Task Goes_by_the_mark(Encoding encoding, string name)
    {
        var path = Write("people.csv", People, encoding);

        Assert.That(await ReadAsync(path), Is.EqualTo(Read));
        Assert.That(await NamesAsync(path), Is.EqualTo("name|city"));
        Assert.That((await Connector.TestAsync(Of(path), default)).Detail, Does.Contain($"(csv, {name}, "));
    }

    [TestCase("windows-1252", 1252)]
    [TestCase("iso-8859-1", 28591)]
    [TestCase("latin-1", 28591)]
    [TestCase("utf-16le", 1200)]
    [TestCase("utf-16be", 1201)]
    public async Task Goes_by_what_is_set(string name, int codePage)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.GetEncoding(codePage);
        var path = Write("people.csv", encoding.GetBytes(People));

        Assert.That(await ReadAsync(path, $$"""{"encoding": "{{name}}"}"""), Is.EqualTo(Read));
    }

    [Test]
    public async Task Reads_the_signs_that_windows_has_beyond_latin()
    {
        var path = Write("euro.csv", [.. "a,b\n"u8, 0x80, (byte)',', 0x93, 0x94, (byte)'\n']);

        Assert.That(await ReadAsync(path, """{"encoding": "windows-1252"}"""), Is.EqualTo("""text text [["€","“”"]]"""));
    }

    [Test]
    public async Task Says_where_bytes_are_no_utf8_and_what_to_set()
    {
        var failure = await FailAsync(Write("people.csv", Encoding.Latin1.GetBytes(People)));

        Assert.That(failure, Is.EqualTo(
            "data_invalid: Line 2 is not valid UTF-8 (byte 0xE9 at offset 13). Set the encoding of the file: "
            + "windows-1252 is that of most spreadsheets; others are iso-8859-1, utf-16le and utf-16be."));
    }

    [Test]
    public async Task Finds_a_bad_byte_far_behind_and_letters_that_lie_across_pieces()
    {
        var path = NewPath("long.csv");
        await using (var writer = new StreamWriter(path, append: false, new UTF8Encoding(false)))
        {
            await writer.WriteAsync("a,b\n");
            for (var row = 0; row < 200_000; row++)
            {
                await writer.WriteAsync("1,äöü€𝄞\n");
            }
        }

        Assert.That(await ReadAsync(path, query: "select count(*), min(b), max(b) from data"), Is.EqualTo(
            """integer text text [[200000,"äöü€\uD834\uDD1E","äöü€\uD834\uDD1E"]]"""));

        await File.AppendAllTextAsync(path, "2,é\n", Encoding.Latin1);
        Assert.That(await FailAsync(path), Does.StartWith("data_invalid: Line 200002 is not valid UTF-8 (byte 0xE9"));
    }

    [Test]
    public async Task Says_that_a_file_without_a_mark_looks_like_utf16()
    {
        var path = Write("wide.csv", Encoding.Unicode.GetBytes(People));

        Assert.That(await FailAsync(path), Does.StartWith("data_invalid: The file looks like UTF-16 without a byte order mark."));
    }

    [Test]
    public async Task Refuses_an_encoding_that_the_mark_contradicts()
    {
        var path = Write("marked.csv", People, new UnicodeEncoding(false, true));

        Assert.That(
            await FailAsync(path, """{"encoding": "windows-1252"}"""),
            Is.EqualTo(
                "invalid_config: The encoding is set to windows-1252, but the file begins with the mark of utf-16le; leave it out."));
    }

    [Test]
    public async Task Says_that_half_a_letter_is_no_utf16()
    {
        byte[] bytes = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(People), 0x00, 0xD8];

        Assert.That(await FailAsync(Write("half.csv", bytes)), Does.StartWith("data_invalid: The file is no valid utf-16le"));
    }

    [Test]
    public async Task Reads_json_of_another_encoding()
    {
        const string Json = """[{"name": "José"}, {"name": "Zoë"}]""";

        Assert.That(await ReadAsync(Write("a.json", Json, new UnicodeEncoding(false, true))), Is.EqualTo("""text [["José"],["Zoë"]]"""));
        Assert.That(await ReadAsync(Write("a.json", Json, new UTF8Encoding(true))), Is.EqualTo("""text [["José"],["Zoë"]]"""));
        Assert.That(
            await ReadAsync(Write("a.json", Encoding.Latin1.GetBytes(Json)), """{"encoding": "latin-1"}"""),
            Is.EqualTo("""text [["José"],["Zoë"]]"""));
        Assert.That(
            await FailAsync(Write("a.json", Encoding.Latin1.GetBytes(Json))), Does.StartWith("data_invalid: Line 1 is not valid UTF-8"));
    }

    [Test]
    public async Task Reads_a_large_file_of_two_bytes_a_letter()
    {
        var path = NewPath("large.csv");
        await using (var writer = new StreamWriter(path, append: false, new UnicodeEncoding(false, true)))
        {
            await writer.WriteAsync("id;text\n");
            for (var row = 0; row < 300_000; row++)
            {
                await writer.WriteAsync($"{row};Übergröße 𝄞 {row}\n");
            }
        }

        Assert.That(
            await ReadAsync(path, query: "select count(*), sum(id), count(distinct text), min(text) from data"),
            Is.EqualTo("""integer integer integer text [[300000,44999850000,300000,"Übergröße \uD834\uDD1E 0"]]"""));
    }
}
