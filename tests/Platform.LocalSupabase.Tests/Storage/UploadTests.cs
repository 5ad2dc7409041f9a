using System.IO.Hashing;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Storage;

public sealed class UploadTests : StorageTest
{
    private static readonly string[] PicturesAndTables = ["image/*", "text/csv"];

    internal override Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync(fileSizeLimit: 256 * 1024);

    [Test]
    public async Task Stores_bytes_owner_and_what_is_said_of_them()
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("", OwnPath("raw.json"))) { Content = content };
        request.Headers.TryAddWithoutValidation("Cache-Control", "max-age=3600");
        request.Headers.Add("x-metadata", Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"mood":"gut ✓"}""")));

        using var response = await Ada.SendAsync(request);

        var answer = await ExpectAsync(response, HttpStatusCode.OK);
        Assert.That(answer.GetProperty("Key").GetString(), Is.EqualTo($"{Bucket}/{OwnPath("raw.json")}"));
        var row = JsonElement.Parse((string)(await SharedPostgres.SqlAsync(
            "select to_jsonb(o)::text from storage.objects o where id = @id", ("id", answer.GetProperty("Id").GetGuid())))!);
        var metadata = row.GetProperty("metadata");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(row.GetProperty("owner").GetGuid(), Is.EqualTo(AdaId));
            Assert.That(row.GetProperty("owner_id").GetString(), Is.EqualTo(AdaId.ToString()));
            Assert.That(row.GetProperty("user_metadata").GetProperty("mood").GetString(), Is.EqualTo("gut ✓"));
            Assert.That(metadata.GetProperty("size").GetInt32(), Is.EqualTo(3));
            Assert.That(metadata.GetProperty("mimetype").GetString(), Is.EqualTo("application/json"));
            Assert.That(metadata.GetProperty("cacheControl").GetString(), Is.EqualTo("max-age=3600"));
            Assert.That(
                metadata.GetProperty("eTag").GetString(),
                Is.EqualTo($"\"{Convert.ToHexStringLower(XxHash128.Hash([1, 2, 3]))}\""), "the XXH128 of the content");
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Takes_a_form_with_fields_on_either_side_of_the_file(bool fieldsFirst)
    {
        var path = OwnPath($"form-{fieldsFirst}.txt");
        using var form = new MultipartFormDataContent();
        var file = new StringContent("from a form", Encoding.UTF8, "text/plain");
        file.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "\"\"", FileName = "blob" };
        void AddFields()
        {
            form.Add(new StringContent("60"), "cacheControl");
            form.Add(new StringContent("""{"mood":"good"}"""), "metadata");
        }

        if (fieldsFirst)
        {
            AddFields();
        }

        form.Add(file);
        if (!fieldsFirst)
        {
            AddFields();
        }

        using var response = await Ada.PostAsync(Url("", path), form);

        await ExpectAsync(response, HttpStatusCode.OK);
        using var info = await Ada.GetAsync(Url("/info", path));
        var described = await ExpectAsync(info, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await ReadAsync(Ada, path), Is.EqualTo("from a form"));
            Assert.That(described.GetProperty("cache_control").GetString(), Is.EqualTo("max-age=60"));
            Assert.That(described.GetProperty("metadata").GetProperty("mood").GetString(), Is.EqualTo("good"));
            Assert.That(described.GetProperty("content_type").GetString(), Does.StartWith("text/plain"));
        }
    }

    [Test]
    public async Task Replaces_only_when_asked_and_leaves_no_old_file()
    {
        var path = OwnPath("replaced.txt");
        await StoreAsync(Ada, path, "first");
        var files = StoredFiles().Length;

        using var refused = await UploadAsync(Ada, path, "second");
        await StoreAsync(Ada, path, "third");

        await ExpectErrorAsync(refused, "409", "KeyAlreadyExists", "The resource already exists");
        Assert.That(await ReadAsync(Ada, path), Is.EqualTo("third"));
        Assert.That(StoredFiles(), Has.Length.EqualTo(files));
    }

    [Test]
    public async Task Keeps_one_whole_file_of_many_writes_at_once()
    {
        var path = OwnPath("busy.txt");
        await StoreAsync(Ada, path, "start");
        var files = StoredFiles().Length;
        var texts = Enumerable.Range(0, 8).Select(number => new string((char)('a' + number), 50_000)).ToList();

        await Task.WhenAll(texts.Select(text => StoreAsync(Ada, path, text)));

        Assert.That(texts, Does.Contain(await ReadAsync(Ada, path)));
        Assert.That(StoredFiles(), Has.Length.EqualTo(files));
    }

    [Test]
    public async Task Makes_one_object_of_many_first_writes_at_once()
    {
        var path = OwnPath("first.txt");
        var files = StoredFiles().Length;

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            using var response = await UploadAsync(Ada, path, $"text {number}");
            return response.StatusCode;
        }));

        Assert.That(answers.Count(status => status == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(StoredFiles(), Has.Length.EqualTo(files + 1));
    }

    [Test]
    public async Task Asks_the_policies_before_it_reads_the_body_and_leaves_nothing_behind()
    {
        var path = OwnPath("guarded.txt");
        await StoreAsync(Ada, path, "mine");
        var files = StoredFiles().Length;

        using var create = await UploadAsync(Bob, OwnPath("intruder.txt"), "x");
        using var replace = await UploadAsync(Bob, path, "x", upsert: true);
        using var anonymous = Server.Connect(Server.AnonKey);
        using var nobody = await UploadAsync(anonymous, OwnPath("nobody.txt"), "x");

        await ExpectErrorAsync(create, "403", "AccessDenied", "new row violates row-level security policy");
        await ExpectErrorAsync(replace, "403", "AccessDenied");
        await ExpectErrorAsync(nobody, "403", "AccessDenied");
        Assert.That(await ReadAsync(Ada, path), Is.EqualTo("mine"));
        Assert.That(StoredFiles(), Has.Length.EqualTo(files));
    }

    [Test]
    public async Task Shows_the_media_type_and_metadata_to_policies()
    {
        var bucket = $"typed-{Guid.CreateVersion7():N}";
        await CreateBucketAsync(new { name = bucket });
        await SharedPostgres.SqlAsync(
            $"""
            create policy "{bucket}" on storage.objects for insert to authenticated with check (
              bucket_id = '{bucket}' and metadata ->> 'mimetype' = 'image/png' and (metadata ->> 'contentLength')::int < 10
              and storage.allow_only_operation('object.upload'))
            """);

        using var picture = await UploadAsync(Ada, "small.png", "tiny", "image/png", bucket: bucket);
        using var text = await UploadAsync(Ada, "small.txt", "tiny", bucket: bucket);
        using var large = await UploadAsync(Ada, "large.png", "too long for it", "image/png", bucket: bucket);

        await ExpectAsync(picture, HttpStatusCode.OK);
        await ExpectErrorAsync(text, "403", "AccessDenied");
        await ExpectErrorAsync(large, "403", "AccessDenied");
    }

    [Test]
    public async Task Counts_bytes_where_no_length_is_given()
    {
        var files = StoredFiles().Length;
        using var content = new StreamContent(new MemoryStream(new byte[300 * 1024]));
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("", OwnPath("endless.bin"))) { Content = content };
        request.Headers.TransferEncodingChunked = true;

        using var chunked = await Ada.SendAsync(request);
        using var known = await UploadAsync(Ada, OwnPath("known.txt"), new string('x', 300 * 1024));

        await ExpectErrorAsync(chunked, "413", "EntityTooLarge", "The object exceeded the maximum allowed size");
        await ExpectErrorAsync(known, "413", "EntityTooLarge");
        Assert.That(StoredFiles(), Has.Length.EqualTo(files));
    }

    [Test]
    public async Task Leaves_nothing_of_an_upload_that_is_cut_off()
    {
        var files = StoredFiles().Length;
        var address = new Uri(Server.Url);
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(address.Host, address.Port);
            var head = $"POST {Url("", OwnPath("cut.txt"))} HTTP/1.1\r\nHost: {address.Authority}\r\napikey: {Server.AnonKey}\r\n" +
                $"Authorization: Bearer {TokenOf(AdaId)}\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nonly this";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
            Assert.That(await Postgres.TestCluster.EventuallyAsync(() => Task.FromResult(StoredFiles().Length == files + 1)), Is.True, "the upload began");
        }

        Assert.That(await Postgres.TestCluster.EventuallyAsync(() => Task.FromResult(StoredFiles().Length == files)), Is.True, "the file is gone");
        using var response = await Ada.GetAsync(Url("/authenticated", OwnPath("cut.txt")));
        await ExpectErrorAsync(response, "404", "NoSuchKey");
    }

    [Test]
    public async Task Obeys_the_limits_of_the_bucket()
    {
        var bucket = $"limits-{Guid.CreateVersion7():N}";
        await CreateBucketAsync(new { name = bucket, file_size_limit = 4, allowed_mime_types = PicturesAndTables });

        using var picture = await UploadAsync(Admin, "a.png", "1234", "image/png", bucket: bucket);
        using var table = await UploadAsync(Admin, "a.csv", "1,2", "text/csv; charset=utf-8", bucket: bucket);
        using var text = await UploadAsync(Admin, "a.txt", "1234", bucket: bucket);
        using var large = await UploadAsync(Admin, "b.png", "12345", "image/png", bucket: bucket);
        using var nowhere = await UploadAsync(Admin, "b.png", "1", bucket: "no-such-bucket");

        await ExpectAsync(picture, HttpStatusCode.OK);
        await ExpectAsync(table, HttpStatusCode.OK);
        await ExpectErrorAsync(text, "415", "InvalidMimeType", "mime type text/plain is not supported");
        await ExpectErrorAsync(large, "413", "EntityTooLarge");
        await ExpectErrorAsync(nowhere, "404", "NoSuchBucket");
    }

    [TestCase("%00")]
    [TestCase("caf%C3%A9.txt")]
    [TestCase("%E2%80%AE.txt")]
    [TestCase("%ff.txt")]
    [TestCase("a%5Cb.txt")]
    [TestCase("a%0Ab.txt")]
    [TestCase("100%25.txt")]
    public async Task Refuses_names_with_letters_that_are_not_allowed(string name)
    {
        using var socket = new TcpClient();
        var response = await SendRawAsync(socket, $"/storage/v1/object/{Bucket}/{AdaId}/{name}");

        Assert.That(response, Does.Match("^HTTP/1.1 400"));
        Assert.That(await CountAsync($"{AdaId}/%", name), Is.Zero);
    }

    [TestCase("..%2F..%2F..%2Fetc%2Fpasswd")]
    [TestCase("%2e%2e/%2e%2e/%2e%2e/%2e%2e/up.txt")]
    [TestCase("../../../up.txt")]
    [TestCase("%2Fetc%2Fpasswd")]
    public async Task Never_takes_a_name_for_a_path(string name)
    {
        using var socket = new TcpClient();

        await SendRawAsync(socket, $"/storage/v1/object/{Bucket}/{AdaId}/{name}");

        Assert.That(StoredFiles(), Has.All.Match(@"/(incoming/[0-9a-f]{32}|objects/[0-9a-f]{2}/[0-9a-f]{32})$"));
        var besides = Directory.GetFileSystemEntries(Path.GetDirectoryName(Server.StorageDirectory)!);
        Assert.That(besides.Single(), Is.EqualTo(Server.StorageDirectory));
    }

    private async Task<string> SendRawAsync(TcpClient socket, string target)
    {
        var address = new Uri(Server.Url);
        await socket.ConnectAsync(address.Host, address.Port);
        var head = $"POST {target} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\napikey: {Server.AnonKey}\r\n" +
            $"Authorization: Bearer {TokenOf(AdaId)}\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        using var reader = new StreamReader(socket.GetStream());
        return await reader.ReadToEndAsync();
    }

    private static async Task<long> CountAsync(string pattern, string name) => (long)(await SharedPostgres.SqlAsync(
        "select count(*) from storage.objects where name like @pattern and name like '%' || @name", ("pattern", pattern), ("name", name)))!;
}
