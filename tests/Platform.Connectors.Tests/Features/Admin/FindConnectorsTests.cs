using System.Text.Json;
using Platform.Testing;

namespace Platform.Connectors.Tests.Features.Admin;

public sealed class FindConnectorsTests : PlatformTest
{
    private const string Route = "/api/v1/admin/connectors";
    private static readonly string[] Members =
        ["id", "user_id", "name", "type", "status", "status_reason", "last_sync", "created_at", "updated_at"];

    [Test]
    public async Task Refuses_everybody_but_staff()
    {
        var alice = await SignInAsync();

        using var person = await alice.Client.GetAsync(new Uri(Route, UriKind.Relative));
        using var visitor = await Visitor().GetAsync(new Uri(Route, UriKind.Relative));

        await ExpectProblemAsync(person, 403, "forbidden");
        await ExpectProblemAsync(visitor, 401, "unauthorized");
    }

    [TestCase("support")]
    [TestCase("admin")]
    public async Task Shows_staff_everybodys_connectors_page_by_page(string role)
    {
        var (alice, bob, staff) = (await SignInAsync(), await SignInAsync(), await SignInAsync(role));
        var first = await CreateAsync(alice, "First");
        var second = await CreateAsync(bob, "Second");

        var page = await GetAsync(staff, $"{Route}?limit=1");
        var next = await GetAsync(staff, $"{Route}?limit=1&cursor={page.GetProperty("next_cursor").GetString()}");

        Assert.That(Ids(page), Is.EqualTo(new[] { second }));
        Assert.That(Ids(next), Is.EqualTo(new[] { first }));
        Assert.That(next.GetProperty("items")[0].GetProperty("user_id").GetGuid(), Is.EqualTo(alice.Id));
        Assert.That(next.GetProperty("next_cursor").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Finds_those_of_a_status()
    {
        var (alice, staff) = (await SignInAsync(), await SignInAsync("support"));
        var broken = await CreateAsync(alice, "Broken");
        await CreateAsync(alice, "New");
        await Application.ScalarAsync<object>(
            "update connectors.connectors set status = 'error', status_reason = 'timeout' where id = $1", broken);

        var page = await GetAsync(staff, $"{Route}?status=error");
        using var unknown = await staff.Client.GetAsync(new Uri($"{Route}?status=broken", UriKind.Relative));

        Assert.That(Ids(page), Is.EqualTo(new[] { broken }));
        Assert.That(page.GetProperty("items")[0].GetProperty("status_reason").GetString(), Is.EqualTo("timeout"));
        await ExpectProblemAsync(unknown, 422, "validation_failed");
    }

    [Test]
    public async Task Shows_nothing_of_how_a_connector_connects()
    {
        var (alice, staff) = (await SignInAsync(), await SignInAsync("admin"));
        await CreateAsync(alice, "Orders");

        var page = await GetAsync(staff, Route);

        Assert.That(page.GetProperty("items")[0].EnumerateObject().Select(member => member.Name), Is.EquivalentTo(Members));
        Assert.That(page.GetRawText(), Does.Not.Contain("planted-secret").And.Not.Contain("orders.example.com"));
    }

    private static async Task<Guid> CreateAsync(TestUser user, string name)
    {
        var created = await PostAsync(user.Client, "/api/v1/connectors", new
        {
            name,
            type = "http",
            config = new { url = "https://orders.example.com/orders", auth = "bearer" },
            credentials = new { token = "planted-secret" },
        });
        return created.GetProperty("id").GetGuid();
    }

    private static async Task<JsonElement> GetAsync(TestUser user, string path)
    {
        using var response = await user.Client.GetAsync(new Uri(path, UriKind.Relative));
        return await ExpectJsonAsync(response);
    }

    private static List<Guid> Ids(JsonElement page) =>
        [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid())];
}
