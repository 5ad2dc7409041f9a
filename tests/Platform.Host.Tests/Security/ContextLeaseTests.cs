using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Testing;

namespace Platform.Host.Tests.Security;

/// <summary>A pooled context belongs to one scope at a time: one that went back twice would run a person's statement as another.</summary>
public sealed class ContextLeaseTests
{
    private PlatformApplication _application = null!;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _application = await PlatformApplication.StartAsync(configure: services => services.AddScoped<LeasesWhileItsScopeEnds>());

    [OneTimeTearDown]
    public async Task StopAsync() => await _application.DisposeAsync();

    [Test]
    public async Task An_ending_scope_lets_go_of_a_context_that_the_next_scope_has_taken()
    {
        await using var next = _application.Services.CreateAsyncScope();
        next.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(Guid.CreateVersion7());
        ModuleDbContext ended;
        LeasesWhileItsScopeEnds between;
        await using (var ending = _application.Services.CreateAsyncScope())
        {
            // What a container made last, it disposes first: the context, then this, then the session.
            _ = ending.ServiceProvider.GetRequiredService<DbSession>();
            between = ending.ServiceProvider.GetRequiredService<LeasesWhileItsScopeEnds>();
            between.Next = next.ServiceProvider;
            ended = ContextOf(ending.ServiceProvider);
        }

        Assert.That(between.Taken, Is.SameAs(ended), "The pool lends the context that came back last.");
        Assert.That(between.Taken!.Session, Is.SameAs(next.ServiceProvider.GetRequiredService<DbSession>()));
        await using var third = _application.Services.CreateAsyncScope();
        Assert.That(ContextOf(third.ServiceProvider), Is.Not.SameAs(ended));
    }

    private static ModuleDbContext ContextOf(IServiceProvider scope) =>
        (ModuleDbContext)scope.GetRequiredService(scope.GetRequiredService<ModuleRegistry>().Modules.First().ContextType);

    private sealed class LeasesWhileItsScopeEnds : IAsyncDisposable
    {
        public IServiceProvider? Next { get; set; }

        public ModuleDbContext? Taken { get; private set; }

        public ValueTask DisposeAsync()
        {
            Taken = Next is null ? null : ContextOf(Next);
            return ValueTask.CompletedTask;
        }
    }
}
