using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Platform.Testing;

namespace Platform.Host.Tests.Http;

/// <summary>Every route of the API, as its own description lists them, under input that nobody means well.</summary>
public sealed partial class BadInputTests : PlatformTest
{
    private static readonly string[] Bodies =
    [
        "", "{", "[]", "null", "3", "\"text\"", """{"no_such_member": 1}""", """{"name": {"a": [1]}}""", """{"name": "\u0000"}""",
        $$"""{"name": "{{new string('x', 100_000)}}", "content": "{{new string('x', 100_000)}}"}""",
        """{"id": "not-an-id", "type": 5, "config": "text", "data": 1, "steps": {}, "sql": 4, "datasets": {}}""",
        new string('[', 5_000),
    ];

    private static readonly string[] Queries =
        ["?limit=0", "?limit=-1", "?limit=999999999999", "?limit=x", "?cursor=%00", "?cursor=AAAA", "?type=%ff", "?status=%27--", "?session_id=x"];

    // Whoever holds a receipt has no account any more; a webhook and a share link are known by their addresses, and who comes back from a
    // provider by the state.
    private static readonly string[] ForAnybody =
    [
        "/api/v1/connectors/oauth/callback", "/api/v1/deletion-receipts/verify", "/api/v1/hooks/{token}", "/api/v1/public/dashboards/{token}",
        "/api/v1/public/dashboards/{token}/data",
    ];

    [Test]
    public async Task Never_breaks_the_server_and_always_gets_a_problem()
    {
        var alice = await SignInAsync();
        var routes = await RoutesAsync();
        Assert.That(routes, Has.Count.GreaterThan(50));
        var faults = new List<string>();
        foreach (var (method, path) in routes)
        {
            foreach (var request in RequestsFor(method, path))
            {
                using (request)
                using (var response = await alice.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
                {
                    var status = (int)response.StatusCode;
                    var isProblem = response.Content.Headers.ContentType?.MediaType == "application/problem+json";
                    if (status >= 500 || (status >= 400 && !isProblem))
                    {
                        faults.Add($"{status} {method} {request.RequestUri}");
                    }
                }
            }
        }

        Assert.That(string.Join('\n', faults.Distinct()), Is.Empty);
    }

    [Test]
    public async Task Answers_401_to_a_visitor_on_every_route_that_is_not_for_anybody()
    {
        var visitor = Visitor();
        foreach (var (method, path) in (await RoutesAsync()).Where(route => !ForAnybody.Contains(route.Path)))
        {
            using var request = new HttpRequestMessage(method, Concrete(path, Guid.CreateVersion7().ToString()));
            using var response = await visitor.SendAsync(request);

            await ExpectProblemAsync(response, 401, "unauthorized");
        }
    }

    private static async Task<List<(HttpMethod Method, string Path)>> RoutesAsync()
    {
        using var client = Application.CreateClient();
        var document = JsonDocument.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement;
        return [.. document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (HttpMethod.Parse(operation.Name), path.Name)))];
    }

    private static IEnumerable<HttpRequestMessage> RequestsFor(HttpMethod method, string path)
    {
        foreach (var id in new[] { Guid.CreateVersion7().ToString(), "not-an-id", "%27--", new string('a', 2_000) })
        {
            yield return new HttpRequestMessage(method, Concrete(path, id));
        }

        var known = Concrete(path, Guid.CreateVersion7().ToString());
        if (method == HttpMethod.Get)
        {
            foreach (var query in Queries)
            {
                yield return new HttpRequestMessage(method, known + query);
            }

            yield break;
        }

        foreach (var body in Bodies)
        {
            var content = new StringContent(body, Encoding.UTF8, "application/json");
            yield return new HttpRequestMessage(method, known) { Content = content };
        }

        yield return new HttpRequestMessage(method, known) { Content = new StringContent("a=b", Encoding.UTF8, "text/plain") };
        var stale = new HttpRequestMessage(method, known) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        stale.Headers.TryAddWithoutValidation("If-Match", "\"nonsense\"");
        stale.Headers.TryAddWithoutValidation("Idempotency-Key", new string('k', 300));
        yield return stale;
    }

    private static string Concrete(string path, string id) =>
        Placeholder().Replace(path.Replace("{number}", "1", StringComparison.Ordinal), id);

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Placeholder();
}
