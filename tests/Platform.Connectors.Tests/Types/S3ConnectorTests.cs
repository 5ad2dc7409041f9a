using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.S3;

namespace Platform.Connectors.Tests.Types;

public sealed class S3ConnectorTests
{
    private const string Bucket = "exports";
    private readonly string _folder = Directory.CreateTempSubdirectory("source-s3-").FullName;
    private Workers _workers = null!;
    private S3Connector _connector = null!;
    private NodeServer _server = null!;
    private AmazonS3Client _owner = null!;

    [OneTimeSetUp]
    public async Task StartServer()
    {
        // The server makes its continuation tokens with DES, which is found among the old ciphers alone.
        _server = await NodeServer.StartAsync("--openssl-legacy-provider", "s3.mjs", _folder, Bucket);
        _owner = new AmazonS3Client(
            new BasicAWSCredentials("S3RVER", "S3RVER"),
            new AmazonS3Config
            {
                ServiceURL = _server.Url,
                ForcePathStyle = true,
                AuthenticationRegion = "us-east-1",
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            });
        _workers = new Workers();
        _connector = new S3Connector(
            new S3Client(SourceApi.CreateEgress(), TimeProvider.System),
            _workers.Engine, _workers.Cache,
            Microsoft.Extensions.Options.Options.Create(new ConnectorsOptions { MaxUploadMegabytes = 1 }), TimeProvider.System);
        await PutAsync("daily/orders.csv", "id,customer,total\n1,ann,1.5\n2,bob,2.5\n3,ann,3.5\n");
        await PutAsync("daily/customers.ndjson", "{\"name\": \"ann\", \"city\": \"Rome\"}\n{\"name\": \"bob\", \"city\": \"Oslo\"}\n");
        await PutAsync("daily/2025/rates.csv", "day,rate\n2025-01-01,1\n");
        await PutAsync("daily/2026/rates.csv", "day,rate\n2026-01-01,2\n");
        await PutAsync("daily/odd name+ä=1&b.csv", "a\n1\n");
        await PutAsync("daily/readme.txt", "hello");
        await PutAsync("daily/broken.parquet", "not parquet");
        await PutAsync("daily/huge.csv", new string('x', 1_100_000));
    }

    [OneTimeTearDown]
    public async Task StopServer()
    {
        _owner.Dispose();
        _workers.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Tells_failures_apart()
    {
        var good = await _connector.TestAsync(Store(), default);
        var wrongKey = await _connector.TestAsync(Store(accessKey: "nobody"), default);
        var noBucket = await _connector.TestAsync(Store(bucket: "nowhere"), default);
        var nobody = await _connector.TestAsync(Store(endpoint: $"http://127.0.0.1:{FreePort.Find()}"), default);
        var noHost = await _connector.TestAsync(Store(endpoint: "http://nowhere.invalid"), default);
        var inside = await _connector.TestAsync(Store(endpoint: "http://169.254.169.254"), default);
        await using var web = await SourceApi.StartAsync();
        var other = await _connector.TestAsync(Store(endpoint: web.Url), default);

        Assert.That(good.Code, Is.EqualTo("ok"), good.Detail);
        Assert.That(wrongKey.Code, Is.EqualTo("authentication_failed"), wrongKey.Detail);
        Assert.That(noBucket.Code, Is.EqualTo("database_not_found"), noBucket.Detail);
        Assert.That(nobody.Code, Is.EqualTo("connection_refused"), nobody.Detail);
        Assert.That(noHost.Code, Is.EqualTo("host_not_found"), noHost.Detail);
        Assert.That(inside.Code, Is.EqualTo("address_not_allowed"), inside.Detail);
        Assert.That(other.Code, Is.EqualTo("invalid_config"), other.Detail);
    }

    [Test]
    public async Task Lists_objects_page_by_page()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 1005), async (number, _) => await PutAsync($"many/{number:0000}.txt", "x"));

        var some = await _connector.QueryAsync(Store(prefix: "daily/"), Settings.Query("", maxRows: 2), default);
        var all = await _connector.QueryAsync(Store(prefix: "many/"), Settings.Query("", maxRows: 5000), default);

        Assert.That(some.Types(), Is.EqualTo("text integer timestamptz text"));
        Assert.That((some.RowCount, some.Truncated), Is.EqualTo((2, true)));
        Assert.That((all.RowCount, all.Truncated), Is.EqualTo((1005, false)));
    }

    [Test]
    public async Task Joins_files_in_sql()
    {
        var result = await _connector.QueryAsync(
            Store(prefix: "daily/"),
            Settings.Query(
                "select c.city, sum(o.total) as total from orders as o join customers as c on c.name = o.customer where o.id < :id group by 1 order by 1",
                new { id = 100 }),
            default);
        var byKey = await _connector.QueryAsync(
            Store(prefix: "daily/"), Settings.Query("""select rate from "2026/rates.csv" union all select rate from "2025/rates.csv" order by 1"""), default);
        var odd = await _connector.QueryAsync(Store(prefix: "daily/"), Settings.Query("""select a from "odd name+ä=1&b.csv" """), default);

        Assert.That(result.Json(), Is.EqualTo("""[["Oslo",2.5],["Rome",5]]"""));
        Assert.That(byKey.Json(), Is.EqualTo("[[1],[2]]"));
        Assert.That(odd.Json(), Is.EqualTo("[[1]]"));
    }

    [TestCase("select * from huge", "query_too_large")]
    [TestCase("select * from broken", "data_invalid")]
    [TestCase("select * from nothing", "query_failed")]
    [TestCase("select * from read_csv('/etc/passwd')", "query_failed")]
    [TestCase("delete from orders", "query_invalid")]
    public void Refuses_what_it_cannot_read(string sql, string code)
    {
        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Store(prefix: "daily/"), Settings.Query(sql), default));

        Assert.That(exception.Code, Is.EqualTo(code), exception.Message);
    }

    [Test]
    public async Task Finds_in_an_object_how_it_is_read_and_tells_what_is_amiss()
    {
        var store = Store(prefix: "found/");
        using var latin = new MemoryStream(System.Text.Encoding.Latin1.GetBytes("name;n\nJosé;1,5\nZoë\n"));
        await _owner.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest
        {
            BucketName = Bucket, Key = "found/people.csv", InputStream = latin, UseChunkEncoding = false,
        });
        await PutAsync("found/tabs.tsv", "a\tb\n1,2\tx\n");

        var people = await _connector.QueryAsync(store, Settings.Query("select * from people"), default);
        var tabs = await _connector.QueryAsync(store, Settings.Query("select b from tabs"), default);
        var tables = await _connector.DiscoverAsync(store, "people", default);

        Assert.That(people.Json(), Is.EqualTo("""[["José",1.5],["Zoë",null]]"""));
        Assert.That(tabs.Json(), Is.EqualTo("""[["x"]]"""));
        Assert.That(tables.Single().Notes, Is.EqualTo(["1 row had too few cells; what is missing is null; the first is line 3."]));
    }

    [Test]
    public async Task Sees_an_object_that_was_replaced()
    {
        var store = Store(prefix: "changing/");
        await PutAsync("changing/numbers.csv", "n\n1\n");
        var before = await _connector.QueryAsync(store, Settings.Query("select n from numbers"), default);
        await PutAsync("changing/numbers.csv", "n\n2\n");

        var after = await _connector.QueryAsync(store, Settings.Query("select n from numbers"), default);

        Assert.That(before.Json(), Is.EqualTo("[[1]]"));
        Assert.That(after.Json(), Is.EqualTo("[[2]]"));
    }

    [Test]
    public async Task Finds_the_tables_of_a_bucket()
    {
        var all = await _connector.DiscoverAsync(Store(prefix: "daily/"), null, default);
        var found = await _connector.DiscoverAsync(Store(prefix: "daily/"), "rates", default);

        Assert.That(
            all.Select(table => $"{table.Name}: {string.Join(' ', table.Columns.Select(column => $"{column.Name} {column.Type}"))}"),
            Is.SupersetOf(["orders: id integer customer text total double", "customers: name text city text", "broken: ", "huge: "]));
        Assert.That(found.Select(table => table.Name), Is.EquivalentTo(["2025/rates.csv", "2026/rates.csv"]));
    }

    [Test]
    public async Task Reads_a_file_as_lines()
    {
        var batches = new List<RowBatch>();
        await foreach (var batch in _connector.ReadAsync(Store(prefix: "daily/"), new StreamRead("orders", null, null), default))
        {
            batches.Add(batch);
        }

        Assert.That(Encoding.UTF8.GetString(batches.Single().Lines.Span), Does.StartWith("""{"c0":1,"c1":"ann","c2":1.5}"""));
        Assert.That(batches[0].Count, Is.EqualTo(3));
        Assert.That(batches[0].Columns!.Select(column => $"{column.Name} {column.StorageType}"), Is.EqualTo(["id BIGINT", "customer VARCHAR", "total DOUBLE"]));
    }

    [Test]
    public void Signs_as_the_protocol_documents_it()
    {
        // The example "GET Bucket (List Objects)" of the protocol's documentation of signature version 4.
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
        var credentials = new Dictionary<string, string>
        {
            ["access_key_id"] = "AKIAIOSFODNN7EXAMPLE",
            ["secret_access_key"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        };

        S3Signature.Sign(request, "us-east-1", credentials, new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));

        Assert.That(
            request.Headers.GetValues("Authorization").Single(),
            Does.EndWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
    }

    private Task<PutObjectResponse> PutAsync(string key, string content) =>
        _owner.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = key, ContentBody = content, UseChunkEncoding = false });

    private ConnectorSettings Store(
        string prefix = "", string? endpoint = null, string bucket = Bucket, string accessKey = "S3RVER") =>
        Settings.Of(new { endpoint = endpoint ?? _server.Url, bucket, prefix }, new { access_key_id = accessKey, secret_access_key = "S3RVER" });
}
