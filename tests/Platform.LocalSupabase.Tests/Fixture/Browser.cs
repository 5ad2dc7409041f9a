using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>Follows redirects and keeps cookies, as a browser does, until it would leave for the application.</summary>
internal sealed class Browser(HttpClient client) : IDisposable
{
    public const string ClientName = "browser";

    private readonly CookieContainer _cookies = new();

    public static HttpMessageHandler NewHandler() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };

    /// <summary>Every address that was visited, in order.</summary>
    public List<Uri> Visited { get; } = [];

    /// <summary>Goes to the URL and wherever it leads, and gives the first address under the destination, which is not visited.</summary>
    public async Task<Uri> FollowAsync(string url, string destination)
    {
        var next = new Uri(url);
        for (var step = 0; step < 10; step++)
        {
            using var response = await GetAsync(next);
            Assert.That((int)response.StatusCode, Is.InRange(300, 399), $"{next.GetLeftPart(UriPartial.Path)}: {response}");
            next = new Uri(next, response.Headers.Location!);
            if (next.AbsoluteUri.StartsWith(destination, StringComparison.Ordinal))
            {
                return next;
            }
        }

        throw new InvalidOperationException($"{url} leads nowhere.");
    }

    public async Task<HttpResponseMessage> GetAsync(Uri url)
    {
        Visited.Add(url);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (_cookies.GetCookieHeader(url) is { Length: > 0 } header)
        {
            request.Headers.Add("Cookie", header);
        }

        var response = await client.SendAsync(request);
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var values) ? values : [])
        {
            _cookies.SetCookies(url, cookie);
        }

        return response;
    }

    public static string? Query(Uri url, string name) =>
        QueryHelpers.ParseQuery(url.Query).TryGetValue(name, out var value) ? value.ToString() : null;

    public static string? Fragment(Uri url, string name) =>
        QueryHelpers.ParseQuery(url.Fragment.TrimStart('#')).TryGetValue(name, out var value) ? value.ToString() : null;

    public void Dispose() => client.Dispose();
}
