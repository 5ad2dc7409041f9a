using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Platform.LocalSupabase.Tests.Storage.Resumable;

namespace Platform.LocalSupabase.Tests.Storage;

/// <summary>Each operation on one person's object, by that person and by another: the policies on <c>storage.objects</c> decide alone.</summary>
public sealed class TwoPeopleTests : StorageTest
{
    private static readonly Dictionary<string, Func<TwoPeopleTests, HttpClient, string, Task<HttpResponseMessage>>> Operations = new()
    {
        ["upload"] = (test, client, path) => test.UploadAsync(client, path + ".new", "x"),
        ["replace"] = (test, client, path) => test.UploadAsync(client, path, "x", upsert: true),
        ["update"] = (test, client, path) => client.PutAsync(test.Url("", path), new StringContent("x")),
        ["resumable"] = (test, client, path) => client.CreateAsync(TusClient.Metadata(test.Bucket, path + ".parts"), 1, [1]),
        ["sign upload"] = (test, client, path) => client.PostAsync(test.Url("/upload/sign", path + ".signed"), null),
        ["download"] = (test, client, path) => client.GetAsync(test.Url("/authenticated", path)),
        ["download either"] = (test, client, path) => client.GetAsync(test.Url("", path)),
        ["head"] = (test, client, path) => client.SendAsync(new HttpRequestMessage(HttpMethod.Head, test.Url("/authenticated", path))),
        ["info"] = (test, client, path) => client.GetAsync(test.Url("/info", path)),
        ["sign"] = (test, client, path) => client.PostAsJsonAsync(test.Url("/sign", path), new { expiresIn = 60 }),
        ["copy"] = (test, client, path) => client.PostAsJsonAsync(
            "/storage/v1/object/copy", new { bucketId = test.Bucket, sourceKey = path, destinationKey = path + ".copy" }),
        ["move"] = (test, client, path) => client.PostAsJsonAsync(
            "/storage/v1/object/move", new { bucketId = test.Bucket, sourceKey = path, destinationKey = path + ".moved" }),
        ["remove"] = (test, client, path) => client.DeleteAsync(test.Url("", path)),
    };

    private static readonly Dictionary<string, Func<TwoPeopleTests, HttpClient, string, Task<HttpResponseMessage>>> Lists = new()
    {
        ["list"] = (test, client, path) => client.PostAsJsonAsync($"/storage/v1/object/list/{test.Bucket}", new { prefix = Folder(path) }),
        ["list v2"] = (test, client, path) => client.PostAsJsonAsync($"/storage/v1/object/list-v2/{test.Bucket}", new { prefix = path }),
        ["sign many"] = (test, client, path) => client.PostAsJsonAsync(
            $"/storage/v1/object/sign/{test.Bucket}", new { expiresIn = 60, paths = new[] { path } }),
        ["remove many"] = (test, client, path) => Delete(client, $"/storage/v1/object/{test.Bucket}", new { prefixes = new[] { path } }),
    };

    private static IEnumerable<string> OperationNames => Operations.Keys;

    private static IEnumerable<string> ListNames => Lists.Keys;

    [TestCaseSource(nameof(OperationNames))]
    public async Task Let_only_the_owner(string name)
    {
        var path = OwnPath($"{name.Replace(' ', '-')}.txt");
        await StoreAsync(Ada, path, "of ada");

        using var other = await Operations[name](this, Bob, path);
        var untouched = await ReadAsync(Ada, path);
        using var owner = await Operations[name](this, Ada, path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)other.StatusCode, Is.InRange(400, 404));
            Assert.That(untouched, Is.EqualTo("of ada"));
            Assert.That((int)owner.StatusCode, Is.InRange(200, 201), await owner.Content.ReadAsStringAsync());
        }
    }

    [TestCaseSource(nameof(ListNames))]
    public async Task Show_only_the_owner(string name)
    {
        var path = OwnPath($"{name.Replace(' ', '-')}/shown.txt");
        await StoreAsync(Ada, path, "of ada");

        using var other = await Lists[name](this, Bob, path);
        var untouched = await ReadAsync(Ada, path);
        using var owner = await Lists[name](this, Ada, path);

        // An answer that repeats the path asked for says nothing; an id or a signed URL does.
        bool Tells(JsonElement answer) => answer.ToString() is var text
            && (text.Contains("\"last_accessed_at\":\"", StringComparison.Ordinal) || text.Contains("token=", StringComparison.Ordinal));
        var (hidden, shown) = (await ExpectAsync(other, HttpStatusCode.OK), await ExpectAsync(owner, HttpStatusCode.OK));
        Assert.That((Tells(hidden), Tells(shown), untouched), Is.EqualTo((false, true, "of ada")));
    }

    [Test]
    public async Task Cannot_move_or_copy_into_the_folder_of_another()
    {
        await StoreAsync(Bob, $"{BobId}/gift.txt", "of bob");

        foreach (var action in new[] { "move", "copy" })
        {
            using var response = await Bob.PostAsJsonAsync(
                $"/storage/v1/object/{action}", new { bucketId = Bucket, sourceKey = $"{BobId}/gift.txt", destinationKey = OwnPath("gift.txt") });

            await ExpectErrorAsync(response, "403", "AccessDenied");
        }
    }

    [Test]
    public async Task Cannot_empty_a_bucket_of_what_is_not_theirs()
    {
        await StoreAsync(Ada, OwnPath("stays.txt"), "of ada");

        using var response = await Bob.PostAsync($"/storage/v1/bucket/{Bucket}/empty", null);

        await ExpectErrorAsync(response, "404", "NoSuchBucket");
        Assert.That(await ReadAsync(Ada, OwnPath("stays.txt")), Is.EqualTo("of ada"));
    }

    [Test]
    public async Task See_the_sizes_of_their_own_objects_in_policies_and_functions()
    {
        await StoreAsync(Ada, OwnPath("sized.txt"), "12345");
        async Task<object?> SizeAsync(Guid user) => await SharedPostgres.SqlAsync(
            $$"""
            set local role authenticated;
            set local request.jwt.claims = '{"sub":"{{user}}"}';
            select coalesce(sum(size), 0)::bigint from storage.get_size_by_bucket() where bucket_id = '{{Bucket}}'
            """);

        Assert.That(await SizeAsync(AdaId), Is.GreaterThanOrEqualTo(5L));
        Assert.That(await SizeAsync(Guid.CreateVersion7()), Is.EqualTo(0L));
    }

    [TestCase("foldername", "a/b/c.tar.gz", "{a,b}")]
    [TestCase("filename", "a/b/c.tar.gz", "c.tar.gz")]
    [TestCase("extension", "a/b/c.tar.gz", "gz")]
    [TestCase("extension", "a.b/c", "")]
    public async Task Write_policies_with_the_helper_functions(string function, string name, string expected) =>
        Assert.That(await SharedPostgres.SqlAsync($"select storage.{function}(@name)::text", ("name", name)), Is.EqualTo(expected));

    private static string Folder(string path) => path[..path.LastIndexOf('/')];

    private static Task<HttpResponseMessage> Delete(HttpClient client, string url, object body) => client.SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, url)
        {
            Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        });
}
