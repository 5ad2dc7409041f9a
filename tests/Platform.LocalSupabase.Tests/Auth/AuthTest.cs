using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

/// <summary>One server a fixture, and the verbs of the tests.</summary>
public abstract class AuthTest
{
    protected const string Password = "correct horse";

    internal LocalSupabaseServer Server { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartServerAsync() => Server = await StartAsync();

    [OneTimeTearDown]
    public async Task StopServerAsync() => await Server.DisposeAsync();

    internal virtual Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync();

    protected static string NewAddress() => $"{Guid.CreateVersion7():N}@example.com";

    protected async Task<JsonElement> SignUpAsync(string? email = null, object? data = null)
    {
        using var client = Server.Connect();
        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email = email ?? NewAddress(), password = Password, data });
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    protected async Task<HttpResponseMessage> SignInAsync(string email, string password = Password)
    {
        using var client = Server.Connect();
        return await client.PostAsJsonAsync("/auth/v1/token?grant_type=password", new { email, password });
    }

    protected async Task<HttpResponseMessage> RefreshAsync(string refreshToken)
    {
        using var client = Server.Connect();
        return await client.PostAsJsonAsync("/auth/v1/token?grant_type=refresh_token", new { refresh_token = refreshToken });
    }

    protected async Task<HttpStatusCode> GetUserStatusAsync(string accessToken)
    {
        using var client = Server.Connect(accessToken);
        using var response = await client.GetAsync("/auth/v1/user");
        return response.StatusCode;
    }

    protected static async Task<JsonElement> ExpectAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(status), body);
        return body.Length == 0 ? default : JsonElement.Parse(body);
    }

    protected static async Task<JsonElement> ExpectErrorAsync(HttpResponseMessage response, int status, string code, string? message = null)
    {
        var body = await ExpectAsync(response, (HttpStatusCode)status);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(body.GetProperty("error_code").GetString(), Is.EqualTo(code));
            Assert.That(body.GetProperty("code").GetInt32(), Is.EqualTo(status));
            Assert.That(response.Headers.GetValues("x-sb-error-code").Single(), Is.EqualTo(code));
        }

        if (message is not null)
        {
            Assert.That(body.GetProperty("msg").GetString(), Is.EqualTo(message));
        }

        return body;
    }

    protected static string AccessToken(JsonElement session) => session.GetProperty("access_token").GetString()!;

    protected static string RefreshToken(JsonElement session) => session.GetProperty("refresh_token").GetString()!;

    protected static Guid UserId(JsonElement session) => session.GetProperty("user").GetProperty("id").GetGuid();

    protected static string Email(JsonElement session) => session.GetProperty("user").GetProperty("email").GetString()!;

    protected static JsonElement Part(string token, int index) =>
        JsonElement.Parse(Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(token.Split('.')[index])));
}
