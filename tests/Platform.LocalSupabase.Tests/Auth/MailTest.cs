using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Web;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

/// <summary>A server that mails, and the verbs of somebody who reads their mail.</summary>
public abstract partial class MailTest : AuthTest
{
    /// <summary>More than the interval between two mails.</summary>
    protected static readonly TimeSpan Pause = TimeSpan.FromSeconds(61);

    internal override Task<LocalSupabaseServer> StartAsync() =>
        LocalSupabaseServer.StartAsync(auth: new AuthOptions { AutoConfirm = false, RateLimits = Slow });

    /// <summary>An interval that no slow machine waits out by chance.</summary>
    private protected static RateLimitOptions Slow { get; } = new() { MailIntervalSeconds = 60 };

    protected async Task<JsonElement[]> LettersAsync(string address)
    {
        using var client = Server.Connect();
        return (await client.GetFromJsonAsync<JsonElement[]>($"/inbox.json?to={Uri.EscapeDataString(address)}"))!;
    }

    /// <summary>The newest mail to an address.</summary>
    protected async Task<Mail> LetterAsync(string address)
    {
        var letter = (await LettersAsync(address))[0];
        var text = letter.GetProperty("text").GetString()!;
        return new Mail(
            letter.GetProperty("kind").GetString()!, letter.GetProperty("subject").GetString()!,
            Code().Match(text).Groups["code"].Value, Link().Match(text).Value);
    }

    protected Task<HttpResponseMessage> PostAsync(string path, object body) => PostAsync(Server, path, body);

    private protected static async Task<HttpResponseMessage> PostAsync(LocalSupabaseServer server, string path, object body)
    {
        using var client = server.Connect();
        return await client.PostAsJsonAsync($"/auth/v1/{path}", body);
    }

    protected async Task<HttpResponseMessage> ChangeUserAsync(JsonElement session, object change)
    {
        using var client = Server.Connect(AccessToken(session));
        return await client.PutAsJsonAsync("/auth/v1/user", change);
    }

    protected async Task<JsonElement> ExpectOkAsync(string path, object body)
    {
        using var response = await PostAsync(path, body);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    /// <summary>A user whose address is confirmed, signed in.</summary>
    protected async Task<JsonElement> SignUpConfirmedAsync(string address)
    {
        await SignUpAsync(address);
        return await ExpectOkAsync("verify", new { type = "signup", email = address, token = (await LetterAsync(address)).Token });
    }

    /// <summary>Opens a link; where the browser is sent on to.</summary>
    protected async Task<Uri> FollowAsync(string link)
    {
        using var response = await Server.OpenAsync(link);
        await ExpectAsync(response, HttpStatusCode.SeeOther);
        return response.Headers.Location!;
    }

    protected static string? InFragment(Uri url, string name) => HttpUtility.ParseQueryString(url.Fragment.TrimStart('#'))[name];

    protected static string? InQuery(Uri url, string name) => HttpUtility.ParseQueryString(url.Query)[name];

    protected static string HashIn(Mail mail) => InQuery(new Uri(mail.Link), "token")!;

    protected sealed record Mail(string Kind, string Subject, string Token, string Link);

    [GeneratedRegex(@"code: (?<code>[0-9]+)")]
    private static partial Regex Code();

    [GeneratedRegex(@"http\S+")]
    private static partial Regex Link();
}
