using System.IO.Hashing;
using System.Net;
using System.Security.Cryptography;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Storage.Resumable;

public sealed class ResumableUploadTests : StorageTest
{
    private const long Limit = 4 * 1024 * 1024;

    internal override Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync(fileSizeLimit: Limit);

    [Test]
    public async Task Says_what_it_can()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, TusClient.Path);

        using var response = await Nobody.SendAsync(request);

        await response.ExpectTusAsync(204);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.Headers.GetValues("Tus-Version").Single(), Is.EqualTo("1.0.0"));
            Assert.That(
                response.Headers.GetValues("Tus-Extension").Single().Split(','),
                Is.SupersetOf(new[] { "creation", "creation-with-upload", "creation-defer-length", "termination", "expiration" }));
            Assert.That(response.Number("Tus-Max-Size"), Is.EqualTo(Limit));
        }
    }

    [Test]
    public async Task Makes_the_object_with_the_last_byte_and_all_that_was_said_of_it()
    {
        var metadata = TusClient.Metadata(
            Bucket, OwnPath("parts.txt"), ("contentType", "text/plain"), ("cacheControl", "60"), ("metadata", """{"mood":"good"}"""));
        var upload = await Ada.BeginAsync(metadata, 10);
        using var first = await Ada.AppendAsync(upload, 0, "hello"u8.ToArray());
        await first.ExpectTusAsync(204);
        using var early = await Ada.GetAsync(Url("/authenticated", OwnPath("parts.txt")));

        using var last = await Ada.AppendAsync(upload, 5, "world"u8.ToArray());

        await last.ExpectTusAsync(204);
        using var info = await Ada.GetAsync(Url("/info", OwnPath("parts.txt")));
        var facts = await ExpectAsync(info, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(early.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(first.Number("Upload-Offset"), Is.EqualTo(5));
            Assert.That(last.Number("Upload-Offset"), Is.EqualTo(10));
            Assert.That(await ReadAsync(Ada, OwnPath("parts.txt")), Is.EqualTo("helloworld"));
            Assert.That(facts.GetProperty("content_type").GetString(), Is.EqualTo("text/plain"));
            Assert.That(facts.GetProperty("cache_control").GetString(), Is.EqualTo("max-age=60"));
            Assert.That(facts.GetProperty("metadata").GetProperty("mood").GetString(), Is.EqualTo("good"));
            Assert.That(
                facts.GetProperty("etag").GetString(), Is.EqualTo($"\"{Convert.ToHexStringLower(XxHash128.Hash("helloworld"u8))}\""));
            Assert.That(await Ada.OffsetAsync(upload), Is.EqualTo(10), "a client that missed the answer asks again");
        }
    }

    [Test]
    public async Task Takes_the_first_bytes_or_all_with_the_creation()
    {
        using var all = await Ada.CreateAsync(TusClient.Metadata(Bucket, OwnPath("at-once.txt")), 5, "hello"u8.ToArray());
        using var part = await Ada.CreateAsync(TusClient.Metadata(Bucket, OwnPath("begun.txt")), 8, "hello"u8.ToArray());
        using var none = await Ada.CreateAsync(TusClient.Metadata(Bucket, OwnPath("empty.txt")), 0);

        await all.ExpectTusAsync(201);
        await part.ExpectTusAsync(201);
        await none.ExpectTusAsync(201);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(part.Number("Upload-Offset"), Is.EqualTo(5));
            Assert.That(part.Headers.Contains("Upload-Expires"), Is.True);
            Assert.That(await ReadAsync(Ada, OwnPath("at-once.txt")), Is.EqualTo("hello"));
            Assert.That(await ReadAsync(Ada, OwnPath("empty.txt")), Is.Empty);
        }
    }

    [Test]
    public async Task Learns_the_length_later()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("later.txt")), null);
        using var first = await Ada.AppendAsync(upload, 0, "hello"u8.ToArray());
        using var look = await Ada.LookAsync(upload);

        using var last = await Ada.AppendAsync(upload, 5, " again"u8.ToArray(), ("Upload-Length", "11"));

        await last.ExpectTusAsync(204);
        Assert.That(look.Headers.GetValues("Upload-Defer-Length").Single(), Is.EqualTo("1"));
        Assert.That(await ReadAsync(Ada, OwnPath("later.txt")), Is.EqualTo("hello again"));
    }

    [Test]
    public async Task Refuses_a_wrong_offset_and_says_the_right_one()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("offset.txt")), 10);
        using var first = await Ada.AppendAsync(upload, 0, "hello"u8.ToArray());

        using var wrong = await Ada.AppendAsync(upload, 3, "world"u8.ToArray());

        await wrong.ExpectTusAsync(409);
        Assert.That(await Ada.OffsetAsync(upload), Is.EqualTo(5));
    }

    [Test]
    public async Task Replaces_only_when_asked()
    {
        await StoreAsync(Ada, OwnPath("there.txt"), "old");
        var metadata = TusClient.Metadata(Bucket, OwnPath("there.txt"));

        using var refused = await Ada.CreateAsync(metadata, 3);
        var upload = await Ada.BeginAsync(metadata, 3, ("x-upsert", "true"));
        using var written = await Ada.AppendAsync(upload, 0, "new"u8.ToArray(), ("x-upsert", "true"));

        await refused.ExpectTusAsync(409, "The resource already exists");
        await written.ExpectTusAsync(204);
        Assert.That(await ReadAsync(Ada, OwnPath("there.txt")), Is.EqualTo("new"));
    }

    [Test]
    public async Task Checks_the_hash_of_a_part_and_keeps_nothing_of_a_wrong_one()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("hash.txt")), 5);
        static string Hash(ReadOnlySpan<byte> content) => $"sha256 {Convert.ToBase64String(SHA256.HashData(content))}";

        using var wrong = await Ada.AppendAsync(upload, 0, "hellO"u8.ToArray(), ("Upload-Checksum", Hash("hello"u8)));
        var offset = await Ada.OffsetAsync(upload);
        using var right = await Ada.AppendAsync(upload, 0, "hello"u8.ToArray(), ("Upload-Checksum", Hash("hello"u8)));

        await wrong.ExpectTusAsync(460);
        await right.ExpectTusAsync(204);
        Assert.That(offset, Is.Zero);
        Assert.That(await ReadAsync(Ada, OwnPath("hash.txt")), Is.EqualTo("hello"));
    }

    [Test]
    public async Task Ends_when_it_is_terminated()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("given-up.txt")), 10);
        using var first = await Ada.AppendAsync(upload, 0, "hello"u8.ToArray());

        using var ended = await Ada.TerminateAsync(upload);

        await ended.ExpectTusAsync(204);
        using var look = await Ada.LookAsync(upload);
        using var more = await Ada.AppendAsync(upload, 5, "world"u8.ToArray());
        Assert.That((int)look.StatusCode, Is.EqualTo(404));
        await more.ExpectTusAsync(404);
    }

    [Test]
    public async Task Ends_after_its_time()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("slow.txt")), 10);
        await SharedPostgres.SqlAsync(
            "update storage.resumable_uploads set expires_at = '2020-01-01' where name = @name", ("name", OwnPath("slow.txt")));

        using var late = await Ada.AppendAsync(upload, 0, "hello"u8.ToArray());

        await late.ExpectTusAsync(404);
    }

    [Test]
    public async Task Obeys_limits_and_policies_before_a_byte_comes()
    {
        var small = $"small-{Guid.CreateVersion7():N}";
        await CreateBucketAsync(new { name = small, file_size_limit = 8, allowed_mime_types = new[] { "text/plain" } });
        await CreateFolderPoliciesAsync(small);
        var text = ("contentType", "text/plain");

        using var large = await Ada.CreateAsync(TusClient.Metadata(small, OwnPath("a.txt"), text), 9);
        using var other = await Ada.CreateAsync(TusClient.Metadata(small, OwnPath("a.txt"), ("contentType", "image/png")), 3);
        using var foreign = await Bob.CreateAsync(TusClient.Metadata(small, OwnPath("a.txt"), text), 3);
        using var nowhere = await Ada.CreateAsync(TusClient.Metadata("no-such-bucket", OwnPath("a.txt")), 3);
        using var badName = await Ada.CreateAsync(TusClient.Metadata(small, OwnPath("ü.txt"), text), 3);
        using var grown = await Ada.AppendAsync(await Ada.BeginAsync(TusClient.Metadata(small, OwnPath("b.txt"), text), null), 0, new byte[9]);

        await large.ExpectTusAsync(413, "The object exceeded the maximum allowed size");
        await other.ExpectTusAsync(415, "mime type image/png is not supported");
        await foreign.ExpectTusAsync(403, "new row violates row-level security policy");
        await nowhere.ExpectTusAsync(404, "Bucket not found");
        await badName.ExpectTusAsync(400);
        await grown.ExpectTusAsync(413);
    }

    [Test]
    public async Task Lets_nobody_else_go_on_or_give_up()
    {
        var upload = await Ada.BeginAsync(TusClient.Metadata(Bucket, OwnPath("mine.txt")), 5);

        using var append = await Bob.AppendAsync(upload, 0, "hacks"u8.ToArray());
        using var end = await Bob.TerminateAsync(upload);

        await append.ExpectTusAsync(403);
        await end.ExpectTusAsync(403);
        Assert.That(await Ada.OffsetAsync(upload), Is.Zero);
    }

    [Test]
    public async Task Lets_nobody_who_may_write_there_too_go_on_with_anothers()
    {
        var shared = $"shared-{Guid.CreateVersion7():N}";
        await CreateBucketAsync(new { name = shared });
        await SharedPostgres.SqlAsync(
            $"create policy \"{shared}\" on storage.objects for all to authenticated using (bucket_id = '{shared}')");
        var upload = await Ada.BeginAsync(TusClient.Metadata(shared, "ours.txt"), 5);

        using var append = await Bob.AppendAsync(upload, 0, "hacks"u8.ToArray());

        await append.ExpectTusAsync(404);
    }

    [TestCase("Tus-Resumable", "0.2.2", 412)]
    [TestCase("Upload-Length", "-1", 400)]
    [TestCase("Upload-Length", "99999999999999999999", 400)]
    [TestCase("Upload-Metadata", "bucketName", 400)]
    [TestCase("Upload-Metadata", "bucketName $$$,objectName $$$", 400)]
    [TestCase("Upload-Metadata", "", 400)]
    public async Task Refuses_headers_that_say_nothing(string name, string value, int status)
    {
        using var response = await Ada.CreateAsync(TusClient.Metadata(Bucket, OwnPath("headers.txt")), 3, headers: (name, value));

        await response.ExpectTusAsync(status);
    }

    [Test]
    public async Task Refuses_ids_that_it_never_gave()
    {
        foreach (var id in new[] { "x", "YS9iL2M", "..%2f..%2fetc%2fpasswd", new string('A', 4000) })
        {
            using var response = await Ada.LookAsync(new Uri($"{Server.Url}{TusClient.Path}/{id}"));

            Assert.That((int)response.StatusCode, Is.EqualTo(404), id);
        }
    }

    [Test]
    public async Task Takes_a_signed_upload_token_in_place_of_a_bearer_token()
    {
        using var signed = await Ada.PostAsync(Url("/upload/sign", OwnPath("signed.txt")), null);
        var token = (await ExpectAsync(signed, HttpStatusCode.OK)).GetProperty("token").GetString()!;
        var metadata = TusClient.Metadata(Bucket, OwnPath("signed.txt"));

        using var created = await Nobody.CreateAsync(metadata, 5, path: $"{TusClient.Path}/sign", headers: ("x-signature", token));
        using var other = await Nobody.CreateAsync(
            TusClient.Metadata(Bucket, OwnPath("other.txt")), 5, path: $"{TusClient.Path}/sign", headers: ("x-signature", token));
        using var without = await Nobody.CreateAsync(metadata, 5, path: $"{TusClient.Path}/sign");
        using var written = await Nobody.AppendAsync(created.Headers.Location!, 0, "hello"u8.ToArray(), ("x-signature", token));

        await created.ExpectTusAsync(201);
        await written.ExpectTusAsync(204);
        await other.ExpectTusAsync(400, "Invalid signature");
        await without.ExpectTusAsync(400);
        var owner = await SharedPostgres.SqlAsync("select owner_id from storage.objects where name = @name", ("name", OwnPath("signed.txt")));
        Assert.That(owner, Is.EqualTo(AdaId.ToString()));
        Assert.That(await ReadAsync(Ada, OwnPath("signed.txt")), Is.EqualTo("hello"));
    }
}
