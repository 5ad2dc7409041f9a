using System.IO.Hashing;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Platform.LocalSupabase.Tests.Storage;

public sealed class DownloadTests : StorageTest
{
    private string _path = "";

    [SetUp]
    public async Task StoreAFileAsync()
    {
        _path = OwnPath($"{Guid.CreateVersion7():N} and more.txt");
        await StoreAsync(Ada, _path, "0123456789");
    }

    [Test]
    public async Task Sends_the_file_with_its_headers()
    {
        using var response = await Ada.GetAsync(Url("/authenticated", _path));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("0123456789"));
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
            Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(10));
            Assert.That(response.Content.Headers.LastModified, Is.Not.Null);
            Assert.That(response.Headers.ETag?.Tag, Does.Match("^\"[0-9a-f]{32}\"$"));
            Assert.That(response.Headers.AcceptRanges, Does.Contain("bytes"));
            Assert.That(response.Headers.CacheControl?.NoCache, Is.True);
            Assert.That(response.Headers.GetValues("X-Robots-Tag").Single(), Is.EqualTo("none"));
            Assert.That(response.Headers.GetValues("Access-Control-Expose-Headers").Single(), Does.Contain("Content-Range"));
        }
    }

    [Test]
    public async Task Answers_head_without_a_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, Url("", _path));

        using var response = await Ada.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(10));
    }

    [TestCase("bytes=2-4", "234", "bytes 2-4/10")]
    [TestCase("bytes=7-", "789", "bytes 7-9/10")]
    [TestCase("bytes=-2", "89", "bytes 8-9/10")]
    public async Task Sends_a_part(string range, string text, string contentRange)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url("/authenticated", _path));
        request.Headers.Range = RangeHeaderValue.Parse(range);

        using var response = await Ada.SendAsync(request);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(text));
            Assert.That(response.Content.Headers.ContentRange?.ToString(), Is.EqualTo(contentRange));
        }
    }

    [Test]
    public async Task Refuses_a_part_that_is_not_there()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url("/authenticated", _path));
        request.Headers.Range = RangeHeaderValue.Parse("bytes=20-30");

        using var response = await Ada.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestedRangeNotSatisfiable));
    }

    [Test]
    public async Task Sends_nothing_again_to_a_client_that_has_it()
    {
        using var first = await Ada.GetAsync(Url("/authenticated", _path));
        using var byTag = new HttpRequestMessage(HttpMethod.Get, Url("/authenticated", _path));
        byTag.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var byTime = new HttpRequestMessage(HttpMethod.Get, Url("/authenticated", _path));
        byTime.Headers.IfModifiedSince = first.Content.Headers.LastModified;

        using var sameTag = await Ada.SendAsync(byTag);
        using var sameTime = await Ada.SendAsync(byTime);

        Assert.That(sameTag.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(sameTime.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
    }

    [Test]
    public async Task Names_the_download()
    {
        using var bare = await Ada.GetAsync($"{Url("/authenticated", _path)}?download");
        using var named = await Ada.GetAsync($"{Url("/authenticated", _path)}?download=caf%C3%A9%22.txt");

        Assert.That(bare.Content.Headers.GetValues("Content-Disposition").Single(), Is.EqualTo("attachment;"));
        Assert.That(
            named.Content.Headers.GetValues("Content-Disposition").Single(),
            Is.EqualTo("attachment; filename=caf%C3%A9%22.txt; filename*=UTF-8''caf%C3%A9%22.txt"));
    }

    [Test]
    public async Task Never_sends_a_page_that_could_run()
    {
        await StoreAsync(Ada, OwnPath("page.html"), "<script></script>", "text/html; charset=utf-8");
        await StoreAsync(Ada, OwnPath("drawing.svg"), "<svg/>", "image/svg+xml");

        using var page = await Ada.GetAsync(Url("/authenticated", OwnPath("page.html")));
        using var drawing = await Ada.GetAsync(Url("/authenticated", OwnPath("drawing.svg")));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/plain; charset=utf-8"));
            Assert.That(page.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
            Assert.That(drawing.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("sandbox"));
        }
    }

    [Test]
    public async Task Hides_what_belongs_to_somebody_else()
    {
        using var other = await Bob.GetAsync(Url("/authenticated", _path));
        using var withoutToken = Server.Connect();
        using var protectedRoute = await withoutToken.GetAsync(Url("/authenticated", _path));
        using var openRoute = await withoutToken.GetAsync(Url("", _path));
        using var publicRoute = await withoutToken.GetAsync(Url("/public", _path));

        await ExpectErrorAsync(other, "404", "NoSuchKey", "Object not found");
        await ExpectErrorAsync(protectedRoute, "400", "InvalidRequest", "headers must have required property 'authorization'");
        await ExpectErrorAsync(openRoute, "404", "NoSuchBucket", "Bucket not found");
        await ExpectErrorAsync(publicRoute, "404", "NoSuchBucket", "Bucket not found");
    }

    [Test]
    public async Task Words_a_bad_token_as_clients_expect()
    {
        using var malformed = Server.Connect("nonsense");
        using var foreign = Server.Connect(TokenOf(AdaId)[..^4] + "AAAA");
        using var expired = Server.Connect(Fixture.LocalSupabaseServer.SignShared(new { role = "authenticated", exp = 1 }));
        using var mighty = Server.Connect(Fixture.LocalSupabaseServer.SignShared(new { role = "postgres", exp = 4102444800 }));

        using var first = await malformed.GetAsync(Url("/authenticated", _path));
        using var second = await foreign.GetAsync(Url("/authenticated", _path));
        using var third = await expired.GetAsync(Url("/authenticated", _path));
        using var fourth = await mighty.GetAsync(Url("/authenticated", _path));

        await ExpectErrorAsync(first, "403", "AccessDenied", "Invalid Compact JWS");
        await ExpectErrorAsync(second, "403", "AccessDenied", "signature verification failed");
        await ExpectErrorAsync(third, "403", "AccessDenied", "\"exp\" claim timestamp check failed");
        await ExpectErrorAsync(fourth, "403", "AccessDenied");
    }

    [Test]
    public async Task Gives_a_public_bucket_to_everybody()
    {
        var bucket = $"open-{Guid.CreateVersion7():N}";
        await CreateBucketAsync(new { name = bucket, @public = true });
        await StoreAsync(Admin, "a.txt", "for all", bucket: bucket);

        using var byPublic = await Nobody.GetAsync(Url("/public", "a.txt", bucket));
        using var plain = await Nobody.GetAsync(Url("", "a.txt", bucket));
        using var info = await Nobody.GetAsync(Url("/info/public", "a.txt", bucket));
        using var missing = await Nobody.GetAsync(Url("/public", "b.txt", bucket));

        Assert.That(await byPublic.Content.ReadAsStringAsync(), Is.EqualTo("for all"));
        Assert.That(await plain.Content.ReadAsStringAsync(), Is.EqualTo("for all"));
        await ExpectAsync(info, HttpStatusCode.OK);
        await ExpectErrorAsync(missing, "404", "NoSuchKey");
    }

    [Test]
    public async Task Says_so_when_the_file_is_lost()
    {
        await SharedPostgres.SqlAsync("update storage.objects set version = gen_random_uuid()::text where name = @name", ("name", _path));

        using var response = await Ada.GetAsync(Url("/authenticated", _path));

        await ExpectErrorAsync(response, "404", "NoSuchKey", "The resource was not found");
    }

    /// <summary>Sizes on both sides of a buffer, of a page, and of what goes past the page cache.</summary>
    [TestCase(64 * 1024)]
    [TestCase(64 * 1024 + 1)]
    [TestCase(1024 * 1024 - 1)]
    [TestCase(1024 * 1024)]
    [TestCase(1024 * 1024 + 1)]
    [TestCase(8 * 1024 * 1024)]
    [TestCase(9 * 1024 * 1024 + 4097)]
    public async Task Keeps_large_files_bit_for_bit(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        var path = OwnPath($"{Guid.CreateVersion7():N}.bin");
        using var content = new ByteArrayContent(bytes);
        using var stored = await Ada.PostAsync(Url("", path), content);
        await ExpectAsync(stored, HttpStatusCode.OK);

        using var whole = await Ada.GetAsync(Url("/authenticated", path));
        using var partly = new HttpRequestMessage(HttpMethod.Get, Url("/authenticated", path));
        partly.Headers.Range = new RangeHeaderValue(4096, size - 10);
        using var part = await Ada.SendAsync(partly);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(whole.Headers.ETag?.Tag, Is.EqualTo($"\"{Convert.ToHexStringLower(XxHash128.Hash(bytes))}\""));
            Assert.That((await whole.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(bytes), Is.True);
            Assert.That((await part.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(bytes.AsSpan(4096..(size - 9))), Is.True);
        }
    }

    [Test]
    public async Task Gives_readers_whole_files_while_it_is_written()
    {
        var texts = new[] { new string('a', 200_000), new string('b', 200_000) };
        await StoreAsync(Ada, _path, texts[0]);
        using var finished = new CancellationTokenSource();

        var reader = Task.Run(async () =>
        {
            var seen = new HashSet<string>();
            while (!finished.IsCancellationRequested)
            {
                seen.Add(await ReadAsync(Ada, _path));
            }

            return seen;
        });
        for (var round = 0; round < 20; round++)
        {
            await StoreAsync(Ada, _path, texts[round % 2]);
        }

        await finished.CancelAsync();
        Assert.That(await reader, Is.SubsetOf(texts));
    }
}

public sealed class SignedUrlTests : StorageTest
{
    [Test]
    public async Task Reads_one_object_for_a_time()
    {
        var path = OwnPath("signed file.txt");
        await StoreAsync(Ada, path, "signed");

        using var response = await Ada.PostAsJsonAsync(Url("/sign", path), new { expiresIn = 60 });

        var url = "/storage/v1" + (await ExpectAsync(response, HttpStatusCode.OK)).GetProperty("signedURL").GetString();
        using var download = await Nobody.GetAsync(url);
        using var other = await Nobody.GetAsync(url.Replace("signed file", "other file", StringComparison.Ordinal));
        using var asKey = Server.Connect(url.Split("token=")[1]);
        using var list = await asKey.PostAsJsonAsync($"/storage/v1/object/list/{Bucket}", new { prefix = "" });
        using var forged = await Nobody.GetAsync($"{Url("/sign", path)}?token={TokenOf(AdaId)}");
        Server.Clock.Advance(TimeSpan.FromSeconds(61));
        using var late = await Nobody.GetAsync(url);

        Assert.That(await download.Content.ReadAsStringAsync(), Is.EqualTo("signed"));
        Assert.That(download.Content.Headers.Expires, Is.Not.Null);
        Assert.That(download.Headers.CacheControl, Is.Null);
        await ExpectErrorAsync(other, "400", "InvalidSignature", "Invalid signature");
        await ExpectErrorAsync(list, "403", "AccessDenied");
        await ExpectErrorAsync(forged, "400", "InvalidJWT");
        await ExpectErrorAsync(late, "400", "InvalidJWT", "\"exp\" claim timestamp check failed");
    }

    [Test]
    public async Task Signs_many_in_the_order_asked_and_only_what_is_visible()
    {
        await StoreAsync(Ada, OwnPath("1.txt"), "one");
        await StoreAsync(Ada, OwnPath("2.txt"), "two");
        string[] paths = [OwnPath("2.txt"), OwnPath("none.txt"), OwnPath("1.txt"), "\u0000"];

        using var own = await Ada.PostAsJsonAsync($"/storage/v1/object/sign/{Bucket}", new { expiresIn = 60, paths = paths[..3] });
        using var others = await Bob.PostAsJsonAsync($"/storage/v1/object/sign/{Bucket}", new { expiresIn = 60, paths = paths[..3] });
        using var unstorable = await Ada.PostAsJsonAsync($"/storage/v1/object/sign/{Bucket}", new { expiresIn = 60, paths });

        var signed = (await ExpectAsync(own, HttpStatusCode.OK)).EnumerateArray().ToList();
        var hidden = (await ExpectAsync(others, HttpStatusCode.OK)).EnumerateArray().ToList();
        await ExpectErrorAsync(unstorable, "400", "InvalidRequest");
        using var download = await Nobody.GetAsync("/storage/v1" + signed[0].GetProperty("signedURL").GetString());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(signed.Select(entry => entry.GetProperty("path").GetString()), Is.EqualTo(paths[..3]));
            Assert.That(signed[1].GetProperty("error").GetString(), Is.EqualTo("Either the object does not exist or you do not have access to it"));
            Assert.That(signed[1].GetProperty("signedURL").GetString(), Is.Null);
            Assert.That(await download.Content.ReadAsStringAsync(), Is.EqualTo("two"));
            Assert.That(hidden.All(entry => entry.GetProperty("signedURL").GetString() is null), Is.True);
        }
    }

    [Test]
    public async Task Refuses_a_time_that_is_none()
    {
        await StoreAsync(Ada, OwnPath("timed.txt"), "text");

        using var none = await Ada.PostAsJsonAsync(Url("/sign", OwnPath("timed.txt")), new { });
        using var zero = await Ada.PostAsJsonAsync(Url("/sign", OwnPath("timed.txt")), new { expiresIn = 0 });
        using var ages = await Ada.PostAsJsonAsync(Url("/sign", OwnPath("timed.txt")), new { expiresIn = long.MaxValue });

        await ExpectErrorAsync(none, "400", "InvalidRequest");
        await ExpectErrorAsync(zero, "400", "InvalidRequest");
        await ExpectErrorAsync(ages, "400", "InvalidRequest");
    }
}
