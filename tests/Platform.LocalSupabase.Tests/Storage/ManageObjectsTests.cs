using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.LocalSupabase.Tests.Storage;

public sealed class ListObjectsTests : StorageTest
{
    [OneTimeSetUp]
    public async Task StoreFilesAsync()
    {
        foreach (var name in new[] { "b.txt", "A.txt", "c/deep.txt", "c/d/deeper.txt", "per_cent.txt", "perXcent.txt" })
        {
            await StoreAsync(Ada, OwnPath(name), name);
        }
    }

    [TestCase("", 100, 0, "asc", "A.txt,b.txt,c,per_cent.txt,perXcent.txt")]
    [TestCase("", 2, 1, "asc", "b.txt,c")]
    [TestCase("", 100, 0, "desc", "perXcent.txt,per_cent.txt,c,b.txt,A.txt")]
    [TestCase("/c", 100, 0, "asc", "d,deep.txt")]
    [TestCase("/c/", 100, 0, "asc", "d,deep.txt")]
    [TestCase("/nowhere", 100, 0, "asc", "")]
    public async Task Shows_one_level(string folder, int limit, int offset, string order, string names)
    {
        var entries = await ListAsync(Ada, new { prefix = AdaId + folder, limit, offset, sortBy = new { column = "name", order } });

        Assert.That(string.Join(',', entries.Select(entry => entry.GetProperty("name").GetString())), Is.EqualTo(names));
    }

    [Test]
    public async Task Tells_folders_from_files()
    {
        var entries = await ListAsync(Ada, new { prefix = AdaId.ToString(), sortBy = new { column = "created_at", order = "asc" } });

        var folder = entries.Single(entry => entry.GetProperty("name").GetString() == "c");
        var file = entries.Single(entry => entry.GetProperty("name").GetString() == "b.txt");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(folder.GetRawText(), Is.EqualTo(
                """{"name":"c","id":null,"updated_at":null,"created_at":null,"last_accessed_at":null,"metadata":null}"""));
            Assert.That(file.GetProperty("metadata").GetProperty("size").GetInt32(), Is.EqualTo(5));
            Assert.That(file.GetProperty("created_at").GetString(), Does.EndWith("Z"));
        }
    }

    [Test]
    public async Task Takes_wildcards_for_letters()
    {
        var entries = await ListAsync(Ada, new { prefix = AdaId.ToString(), search = "per_" });

        Assert.That(entries.Single().GetProperty("name").GetString(), Is.EqualTo("per_cent.txt"));
    }

    [Test]
    public async Task Shows_others_nothing()
    {
        Assert.That(await ListAsync(Bob, new { prefix = AdaId.ToString() }), Is.Empty);
    }

    [Test]
    public async Task Refuses_what_it_cannot_sort_by()
    {
        using var response = await Ada.PostAsJsonAsync(
            $"/storage/v1/object/list/{Bucket}", new { prefix = "", sortBy = new { column = "owner; drop table x" } });

        await ExpectErrorAsync(response, "400", "InvalidRequest");
    }

    private async Task<List<JsonElement>> ListAsync(HttpClient client, object request)
    {
        using var response = await client.PostAsJsonAsync($"/storage/v1/object/list/{Bucket}", request);
        return [.. (await ExpectAsync(response, HttpStatusCode.OK)).EnumerateArray()];
    }
}

public sealed class ManageObjectsTests : StorageTest
{
    [Test]
    public async Task Moves_an_object_without_touching_its_file()
    {
        await StoreAsync(Ada, OwnPath("from.txt"), "moved");
        var files = StoredFiles();

        using var response = await Ada.PostAsJsonAsync(
            "/storage/v1/object/move", new { bucketId = Bucket, sourceKey = OwnPath("from.txt"), destinationKey = OwnPath("to/here.txt") });

        var answer = await ExpectAsync(response, HttpStatusCode.OK);
        using var old = await Ada.GetAsync(Url("/authenticated", OwnPath("from.txt")));
        await ExpectErrorAsync(old, "404", "NoSuchKey");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("message").GetString(), Is.EqualTo("Successfully moved"));
            Assert.That(answer.GetProperty("Key").GetString(), Is.EqualTo($"{Bucket}/{OwnPath("to/here.txt")}"));
            Assert.That(await ReadAsync(Ada, OwnPath("to/here.txt")), Is.EqualTo("moved"));
            Assert.That(StoredFiles(), Is.EquivalentTo(files));
        }
    }

    [Test]
    public async Task Refuses_moves_that_policies_or_names_forbid()
    {
        await StoreAsync(Ada, OwnPath("kept.txt"), "kept");
        await StoreAsync(Ada, OwnPath("taken.txt"), "taken");

        using var other = await MoveAsync(Bob, OwnPath("kept.txt"), OwnPath("bobs.txt"));
        using var away = await MoveAsync(Ada, OwnPath("kept.txt"), "elsewhere/kept.txt");
        using var onto = await MoveAsync(Ada, OwnPath("kept.txt"), OwnPath("taken.txt"));
        using var badName = await MoveAsync(Ada, OwnPath("kept.txt"), "caf\u00e9");
        using var unstorable = await MoveAsync(Ada, "\0", OwnPath("x"));

        await ExpectErrorAsync(other, "404", "NoSuchKey");
        await ExpectErrorAsync(away, "403", "AccessDenied");
        await ExpectErrorAsync(onto, "409", "KeyAlreadyExists");
        await ExpectErrorAsync(badName, "400", "InvalidKey");
        await ExpectErrorAsync(unstorable, "400", "InvalidRequest");
        Assert.That(await ReadAsync(Ada, OwnPath("kept.txt")), Is.EqualTo("kept"));
    }

    [Test]
    public async Task Copies_an_object_that_then_lives_on_its_own()
    {
        await StoreAsync(Ada, OwnPath("source.txt"), "copied");

        using var response = await CopyAsync(Ada, OwnPath("source.txt"), OwnPath("copy.txt"));
        using var again = await CopyAsync(Ada, OwnPath("source.txt"), OwnPath("copy.txt"));
        using var removed = await Ada.DeleteAsync(Url("", OwnPath("source.txt")));

        var answer = await ExpectAsync(response, HttpStatusCode.OK);
        await ExpectErrorAsync(again, "409", "KeyAlreadyExists");
        await ExpectAsync(removed, HttpStatusCode.OK);
        Assert.That(answer.GetProperty("Key").GetString(), Is.EqualTo($"{Bucket}/{OwnPath("copy.txt")}"));
        Assert.That(answer.GetProperty("name").GetString(), Is.EqualTo(OwnPath("copy.txt")));
        Assert.That(await ReadAsync(Ada, OwnPath("copy.txt")), Is.EqualTo("copied"));
    }

    [Test]
    public async Task Refuses_copies_that_policies_forbid()
    {
        await StoreAsync(Ada, OwnPath("private.txt"), "private");
        var files = StoredFiles().Length;

        using var read = await CopyAsync(Bob, OwnPath("private.txt"), OwnPath("stolen.txt"));
        using var write = await CopyAsync(Ada, OwnPath("private.txt"), "elsewhere/private.txt");

        await ExpectErrorAsync(read, "404", "NoSuchKey");
        await ExpectErrorAsync(write, "403", "AccessDenied");
        Assert.That(StoredFiles(), Has.Length.EqualTo(files));
    }

    [Test]
    public async Task Removes_rows_and_files_and_skips_what_is_not_the_callers()
    {
        await StoreAsync(Ada, OwnPath("gone1.txt"), "1");
        await StoreAsync(Ada, OwnPath("gone2.txt"), "2");
        var files = StoredFiles().Length;
        string[] prefixes = [OwnPath("gone1.txt"), OwnPath("gone2.txt"), OwnPath("none.txt"), "caf\u00e9"];

        var skipped = await RemoveAsync(Bob, prefixes);
        var removed = await RemoveAsync(Ada, prefixes);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(skipped, Is.Empty);
            Assert.That(removed.Select(row => row.GetProperty("name").GetString()), Is.EquivalentTo(prefixes[..2]));
            Assert.That(StoredFiles(), Has.Length.EqualTo(files - 2));
        }

        using var one = await Ada.DeleteAsync(Url("", OwnPath("gone1.txt")));
        await ExpectErrorAsync(one, "404", "NoSuchKey");
    }

    [Test]
    public async Task Lets_nobody_delete_a_row_by_sql()
    {
        await StoreAsync(Ada, OwnPath("row.txt"), "row");

        Assert.That(
            async () => await SharedPostgres.SqlAsync("delete from storage.objects where name = @name", ("name", OwnPath("row.txt"))),
            Throws.InstanceOf<Npgsql.PostgresException>().With.Property("SqlState").EqualTo("42501"));
    }

    [Test]
    public async Task Answers_unknown_paths_in_its_own_shape()
    {
        using var response = await Ada.GetAsync("/storage/v1/iceberg/v1/config");

        await ExpectErrorAsync(response, "404", "NotFound", status: HttpStatusCode.NotFound);
    }

    private async Task<HttpResponseMessage> MoveAsync(HttpClient client, string source, string destination) =>
        await client.PostAsJsonAsync("/storage/v1/object/move", new { bucketId = Bucket, sourceKey = source, destinationKey = destination });

    private async Task<HttpResponseMessage> CopyAsync(HttpClient client, string source, string destination) =>
        await client.PostAsJsonAsync("/storage/v1/object/copy", new { bucketId = Bucket, sourceKey = source, destinationKey = destination });

    private async Task<List<JsonElement>> RemoveAsync(HttpClient client, string[] prefixes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/storage/v1/object/{Bucket}") { Content = JsonContent.Create(new { prefixes }) };
        using var response = await client.SendAsync(request);
        return [.. (await ExpectAsync(response, HttpStatusCode.OK)).EnumerateArray()];
    }
}
