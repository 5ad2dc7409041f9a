using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Storage;

/// <summary>
/// A server, a private bucket whose policies give everybody the folder of their own id, and two people. Tokens are signed by the
/// shared secret: storage asks nothing of the auth service.
/// </summary>
public abstract class StorageTest
{
    internal LocalSupabaseServer Server { get; private set; } = null!;

    protected string Bucket { get; } = $"files-{Guid.CreateVersion7():N}";

    protected Guid AdaId { get; } = Guid.CreateVersion7();

    protected Guid BobId { get; } = Guid.CreateVersion7();

    protected HttpClient Ada { get; private set; } = null!;

    protected HttpClient Bob { get; private set; } = null!;

    protected HttpClient Admin { get; private set; } = null!;

    protected HttpClient Nobody { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartServerAsync()
    {
        Server = await StartAsync();
        (Ada, Bob) = (SignIn(AdaId), SignIn(BobId));
        (Admin, Nobody) = (Server.Connect(Server.ServiceRoleKey), Server.Connect(withKey: false));
        await CreateBucketAsync(new { name = Bucket });
        await CreateFolderPoliciesAsync(Bucket);
    }

    [OneTimeTearDown]
    public async Task StopServerAsync()
    {
        foreach (var client in new[] { Ada, Bob, Admin, Nobody })
        {
            client.Dispose();
        }

        await Server.DisposeAsync();
    }

    internal virtual Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync();

    internal static async Task CreateFolderPoliciesAsync(string bucket) => await SharedPostgres.SqlAsync(
        $"""
        create policy "{bucket}" on storage.objects for all to authenticated
          using (bucket_id = '{bucket}' and (storage.foldername(name))[1] = (select auth.uid())::text)
        """);

    protected HttpClient SignIn(Guid user) => Server.Connect(TokenOf(user));

    protected static string TokenOf(Guid user) =>
        LocalSupabaseServer.SignShared(new { sub = user.ToString(), role = "authenticated", aud = "authenticated", exp = 4102444800 });

    protected string OwnPath(string name) => $"{AdaId}/{name}";

    protected string Url(string kind, string path, string? bucket = null) =>
        $"/storage/v1/object{kind}/{bucket ?? Bucket}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";

    protected async Task<JsonElement> CreateBucketAsync(object bucket)
    {
        using var response = await Admin.PostAsJsonAsync("/storage/v1/bucket", bucket);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    protected async Task<HttpResponseMessage> UploadAsync(
        HttpClient client, string path, string text, string type = "text/plain", bool upsert = false, string? bucket = null)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("", path, bucket)) { Content = content };
        if (upsert)
        {
            request.Headers.Add("x-upsert", "true");
        }

        return await client.SendAsync(request);
    }

    protected async Task StoreAsync(HttpClient client, string path, string text, string type = "text/plain", string? bucket = null)
    {
        using var response = await UploadAsync(client, path, text, type, upsert: true, bucket: bucket);
        await ExpectAsync(response, HttpStatusCode.OK);
    }

    protected async Task<string> ReadAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(Url("/authenticated", path));
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return text;
    }

    protected static async Task<JsonElement> ExpectAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(status), body);
        return JsonElement.Parse(body);
    }

    protected static async Task ExpectErrorAsync(
        HttpResponseMessage response, string statusCode, string code, string? message = null, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        var body = await ExpectAsync(response, status);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(body.GetProperty("statusCode").GetString(), Is.EqualTo(statusCode));
            Assert.That(body.GetProperty("code").GetString(), Is.EqualTo(code));
        }

        if (message is not null)
        {
            Assert.That(body.GetProperty("message").GetString(), Is.EqualTo(message));
        }
    }

    protected string[] StoredFiles() => Directory.GetFiles(Server.StorageDirectory, "*", SearchOption.AllDirectories);
}
