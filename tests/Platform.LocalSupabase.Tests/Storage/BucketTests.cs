using System.Net;
using System.Net.Http.Json;

namespace Platform.LocalSupabase.Tests.Storage;

public sealed class BucketTests : StorageTest
{
    private static readonly string[] Members =
        ["allowed_mime_types", "created_at", "file_size_limit", "id", "name", "owner", "public", "updated_at"];

    private static readonly string[] Pictures = ["image/*"];

    [Test]
    public async Task Live_from_creation_to_deletion()
    {
        var name = $"life-{Guid.CreateVersion7():N}";

        var created = await CreateBucketAsync(new { name, file_size_limit = "2.5kb", allowed_mime_types = Pictures });
        using var update = await Admin.PutAsJsonAsync($"/storage/v1/bucket/{name}", new { @public = true, file_size_limit = (long?)null });
        using var get = await Admin.GetAsync($"/storage/v1/bucket/{name}");
        using var list = await Admin.GetAsync($"/storage/v1/bucket?search={name}&sortColumn=created_at&sortOrder=desc");
        using var delete = await Admin.DeleteAsync($"/storage/v1/bucket/{name}");
        using var gone = await Admin.GetAsync($"/storage/v1/bucket/{name}");

        Assert.That(created.GetRawText(), Is.EqualTo($$"""{"name":"{{name}}"}"""));
        Assert.That((await ExpectAsync(update, HttpStatusCode.OK)).GetProperty("message").GetString(), Is.EqualTo("Successfully updated"));
        var bucket = await ExpectAsync(get, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bucket.EnumerateObject().Select(member => member.Name), Is.EquivalentTo(Members));
            Assert.That(bucket.GetProperty("public").GetBoolean(), Is.True);
            Assert.That(bucket.GetProperty("file_size_limit").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
            Assert.That(bucket.GetProperty("allowed_mime_types")[0].GetString(), Is.EqualTo("image/*"));
            Assert.That(bucket.GetProperty("created_at").GetString(), Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"));
        }

        Assert.That((await ExpectAsync(list, HttpStatusCode.OK))[0].GetProperty("type").GetString(), Is.EqualTo("STANDARD"));
        await ExpectAsync(delete, HttpStatusCode.OK);
        await ExpectErrorAsync(gone, "404", "NoSuchBucket", "Bucket not found");
    }

    [Test]
    public async Task Are_hidden_from_those_without_a_policy()
    {
        using var get = await Ada.GetAsync($"/storage/v1/bucket/{Bucket}");
        using var list = await Ada.GetAsync("/storage/v1/bucket");
        using var create = await Ada.PostAsJsonAsync("/storage/v1/bucket", new { name = $"mine-{AdaId:N}" });
        using var update = await Ada.PutAsJsonAsync($"/storage/v1/bucket/{Bucket}", new { @public = true });
        using var delete = await Ada.DeleteAsync($"/storage/v1/bucket/{Bucket}");

        await ExpectErrorAsync(get, "404", "NoSuchBucket");
        Assert.That((await ExpectAsync(list, HttpStatusCode.OK)).GetArrayLength(), Is.Zero);
        await ExpectErrorAsync(create, "403", "AccessDenied", "new row violates row-level security policy");
        await ExpectErrorAsync(update, "404", "NoSuchBucket");
        await ExpectErrorAsync(delete, "404", "NoSuchBucket");
    }

    [Test]
    public async Task Refuse_what_breaks_a_rule()
    {
        using var twice = await Admin.PostAsJsonAsync("/storage/v1/bucket", new { name = Bucket });
        using var badName = await Admin.PostAsJsonAsync("/storage/v1/bucket", new { name = " blank " });
        using var slash = await Admin.PostAsJsonAsync("/storage/v1/bucket", new { name = "a/b" });
        using var nameless = await Admin.PostAsJsonAsync("/storage/v1/bucket", new { @public = true });
        using var badSize = await Admin.PostAsJsonAsync("/storage/v1/bucket", new { name = "sized", file_size_limit = "much" });
        using var nothing = await Admin.PutAsJsonAsync($"/storage/v1/bucket/{Bucket}", new { });
        using var columnar = await Admin.PostAsJsonAsync("/storage/v1/bucket", new { name = "columnar", type = "ANALYTICS" });

        await ExpectErrorAsync(twice, "409", "BucketAlreadyExists", "The resource already exists");
        await ExpectErrorAsync(badName, "400", "InvalidBucketName");
        await ExpectErrorAsync(slash, "400", "InvalidBucketName");
        await ExpectErrorAsync(nameless, "400", "InvalidRequest", "body must have required property 'name'");
        await ExpectErrorAsync(badSize, "400", "InvalidRequest");
        await ExpectErrorAsync(nothing, "400", "InvalidRequest");
        await ExpectErrorAsync(columnar, "409", "FeatureNotEnabled");
    }

    [Test]
    public async Task Are_deleted_only_when_empty()
    {
        var name = $"full-{Guid.CreateVersion7():N}";
        await CreateBucketAsync(new { name });
        await StoreAsync(Admin, "a/b.txt", "text", bucket: name);
        var files = StoredFiles().Length;

        using var refused = await Admin.DeleteAsync($"/storage/v1/bucket/{name}");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/storage/v1/bucket/{name}/empty") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new("application/json");
        using var emptied = await Admin.SendAsync(request);
        using var deleted = await Admin.DeleteAsync($"/storage/v1/bucket/{name}");

        await ExpectErrorAsync(refused, "409", "ResourceNotEmpty", "The bucket you tried to delete is not empty");
        await ExpectAsync(emptied, HttpStatusCode.OK);
        await ExpectAsync(deleted, HttpStatusCode.OK);
        Assert.That(StoredFiles(), Has.Length.EqualTo(files - 1));
    }
}
