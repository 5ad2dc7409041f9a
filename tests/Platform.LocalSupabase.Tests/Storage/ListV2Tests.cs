using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.LocalSupabase.Tests.Storage;

public sealed class ListV2Tests : StorageTest
{
    private static readonly string[] Names = ["a.txt", "docs/1.txt", "docs/2.txt", "docs/old/3.txt", "dozen.txt", "z%_.txt"];

    [OneTimeSetUp]
    public async Task StoreFilesAsync()
    {
        // Not in the order of names, so that a sort by time differs.
        foreach (var name in Names.Reverse())
        {
            await StoreAsync(Ada, OwnPath(name.Replace("%", "!", StringComparison.Ordinal)), name);
        }
    }

    [TestCase("", false, "a.txt docs/1.txt docs/2.txt docs/old/3.txt dozen.txt z!_.txt")]
    [TestCase("", true, "a.txt docs/ dozen.txt z!_.txt")]
    [TestCase("do", true, "docs/ dozen.txt")]
    [TestCase("docs/", true, "docs/1.txt docs/2.txt docs/old/")]
    [TestCase("docs", false, "docs/1.txt docs/2.txt docs/old/3.txt")]
    [TestCase("_", false, "")]
    public async Task Shows_what_begins_with_a_prefix(string prefix, bool folded, string expected)
    {
        var page = await ListAsync(Ada, new { prefix = OwnPath(prefix), with_delimiter = folded });

        Assert.That(string.Join(' ', NamesOf(page).Order(StringComparer.Ordinal)), Is.EqualTo(expected));
        Assert.That(page.GetProperty("hasNext").GetBoolean(), Is.False);
    }

    [TestCase("name", "asc")]
    [TestCase("name", "desc")]
    [TestCase("created_at", "asc")]
    [TestCase("created_at", "desc")]
    [TestCase("updated_at", "desc")]
    public async Task Goes_on_where_the_page_before_ended(string column, string order)
    {
        var sortBy = new { column, order };
        var expected = column == "name" == (order == "asc") ? Names.ToList() : Names.Reverse().ToList();
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await ListAsync(Ada, new { prefix = OwnPath(""), limit = 2, cursor, sortBy });
            Assert.That(NamesOf(page), Has.Count.LessThanOrEqualTo(2));
            seen.AddRange(NamesOf(page));
            cursor = page.GetProperty("hasNext").GetBoolean() ? page.GetProperty("nextCursor").GetString() : null;
        }
        while (cursor is not null);

        Assert.That(seen, Is.EqualTo(expected.Select(name => name.Replace('%', '!'))));
    }

    [Test]
    public async Task Misses_nothing_among_objects_of_one_time()
    {
        await SharedPostgres.SqlAsync(
            "update storage.objects set created_at = '2024-02-03 04:05:06.789012+00' where bucket_id = @bucket and name like '%docs%'",
            ("bucket", Bucket));

        var first = await ListAsync(Ada, new { prefix = OwnPath("docs"), limit = 2, sortBy = new { column = "created_at" } });
        var cursor = first.GetProperty("nextCursor").GetString();
        var second = await ListAsync(Ada, new { prefix = OwnPath("docs"), limit = 2, cursor, sortBy = new { column = "created_at" } });

        Assert.That(NamesOf(first).Concat(NamesOf(second)), Is.EqualTo(["docs/1.txt", "docs/2.txt", "docs/old/3.txt"]));
    }

    [Test]
    public async Task Shows_others_nothing()
    {
        var page = await ListAsync(Bob, new { prefix = OwnPath("") });

        Assert.That(NamesOf(page), Is.Empty);
    }

    [TestCase("""{"limit":0}""")]
    [TestCase("""{"limit":1001}""")]
    [TestCase("""{"cursor":"x"}""")]
    [TestCase("""{"cursor":"eyJOYW1lIjoiYSIsIlRpbWUiOiJ4IiwiQ29sdW1uIjoiY3JlYXRlZF9hdCIsIk9yZGVyIjoiYXNjIn0"}""")]
    [TestCase("""{"sortBy":{"column":"metadata"}}""")]
    [TestCase("""{"sortBy":{"column":"name","order":"up"}}""")]
    public async Task Refuses_what_it_cannot_read(string body)
    {
        using var response = await Ada.PostAsync(
            $"/storage/v1/object/list-v2/{Bucket}", new StringContent(body, null, "application/json"));

        await ExpectErrorAsync(response, "400", "InvalidRequest");
    }

    private async Task<JsonElement> ListAsync(HttpClient client, object request)
    {
        using var response = await client.PostAsJsonAsync($"/storage/v1/object/list-v2/{Bucket}", request);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private List<string> NamesOf(JsonElement page) =>
    [
        .. page.GetProperty("folders").EnumerateArray().Concat(page.GetProperty("objects").EnumerateArray())
            .Select(entry => entry.GetProperty("name").GetString()![(AdaId.ToString().Length + 1)..]),
    ];
}
