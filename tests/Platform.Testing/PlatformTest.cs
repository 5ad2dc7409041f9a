using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.Testing;

/// <summary>Starts the application once for an assembly. Each test assembly has a class that inherits it, marked [SetUpFixture].</summary>
public abstract class PlatformSetUp
{
    private static PlatformApplication? _application;

    internal static PlatformApplication Application =>
        _application ?? throw new InvalidOperationException("The assembly has no [SetUpFixture] that inherits PlatformSetUp.");

    protected virtual IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>();

    /// <summary>Adds services to the product's own.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }

    [OneTimeSetUp]
    public async Task StartAsync() => _application = await PlatformApplication.StartAsync(Settings, Configure);

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }
    }
}

/// <summary>A test of the whole product over HTTP. Begins with empty tables.</summary>
public abstract class PlatformTest
{
    private readonly List<IDisposable> _disposables = [];

    protected static PlatformApplication Application => PlatformSetUp.Application;

    [SetUp]
    public Task ResetAsync() => Application.ResetAsync();

    [TearDown]
    public void DisposeClients()
    {
        var errors = Application.Errors.Take();
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed && errors.Length > 0)
        {
            TestContext.Out.WriteLine($"The product logged:\n{errors}");
        }

        _disposables.ForEach(disposable => disposable.Dispose());
        _disposables.Clear();
    }

    /// <summary>Signs a new person in.</summary>
    protected async Task<TestUser> SignInAsync(string? staffRole = null)
    {
        var user = await Application.SignInAsync(staffRole);
        _disposables.Add(user);
        return user;
    }

    /// <summary>A client without an account.</summary>
    protected HttpClient Visitor()
    {
        var client = Application.CreateClient();
        _disposables.Add(client);
        return client;
    }

    /// <summary>Expects a problem with this status and code.</summary>
    protected static async Task<JsonElement> ExpectProblemAsync(HttpResponseMessage response, int status, string code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(status), body);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), body);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.That(problem.GetProperty("code").GetString(), Is.EqualTo(code), body);
        return problem;
    }

    /// <summary>Expects a success and reads its JSON.</summary>
    protected static async Task<JsonElement> ExpectJsonAsync(HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.OK)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(status), body);
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>Posts JSON and expects an answer.</summary>
    protected static async Task<JsonElement> PostAsync(HttpClient client, string path, object body, HttpStatusCode status = HttpStatusCode.Created)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        return await ExpectJsonAsync(response, status);
    }

    /// <summary>Looks again and again until something holds; fails after the bound.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> condition, TimeSpan? within = null)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.That(TimeProvider.System.GetElapsedTime(deadline), Is.LessThan(within ?? TimeSpan.FromSeconds(20)), "It did not come to hold in time.");
            await Task.Delay(50);
        }
    }
}
