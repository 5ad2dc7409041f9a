using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Identity.Features.ApiKeys;
using Platform.Identity.Features.Profile;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Json;

namespace Platform.Identity.Tests.Authentication;

/// <summary>
/// A caller that may only read is held by the database itself, also in a scope that no request has opened and no route has guarded.
/// </summary>
public sealed class ReadOnlyCallerTests : IdentityTest
{
    [Test]
    public async Task Stores_nothing_in_whatever_scope_and_by_whatever_way()
    {
        var alice = await SignInAsync();
        var reader = ReaderOf(alice.Id);

        var problems = new[]
        {
            await TryAsync(reader, scope => SendAsync(scope, new UpdateMeCommand { FullName = new Optional<string?>("Mallory") })),
            await TryAsync(reader, scope => SendAsync(scope, new CreateApiKeyCommand("Mine"))),
            await TryAsync(reader, SaveOneRowAsync),
            await TryAsync(reader, scope => ExecuteAsync(scope, $"update identity.users set full_name = 'Mallory' where id = {alice.Id}")),
            await TryAsync(reader, scope => ExecuteAsync(scope, $"delete from identity.users where id = {alice.Id}")),
            await TryAsync(reader, scope => scope.GetRequiredService<KernelDatabase>().ExecuteAsync(
                reader, "update identity.users set full_name = 'Mallory'", CancellationToken.None)),
        };

        Assert.That(problems.Select(problem => problem.Code), Is.All.EqualTo("read_only"));
        Assert.That(problems.Select(problem => problem.Status), Is.All.EqualTo(403));
        Assert.That(
            await Application.ScalarAsync<bool>("select full_name is distinct from 'Mallory' from identity.users where id = $1", alice.Id), Is.True);
        Assert.That(await Application.ScalarAsync<long>("select count(*) from identity.api_keys where user_id = $1", alice.Id), Is.Zero);
    }

    [Test]
    public async Task Leaves_its_connection_fit_for_whoever_writes_next()
    {
        var alice = await SignInAsync();
        var reader = ReaderOf(alice.Id);
        for (var number = 0; number < 5; number++)
        {
            await TryAsync(reader, scope => SendAsync(scope, new UpdateMeCommand { FullName = new Optional<string?>("Mallory") }));
        }

        await using var writing = ScopeOf(Caller.User(alice.Id));
        await SendAsync(writing.ServiceProvider, new UpdateMeCommand { FullName = new Optional<string?>("Alice") });

        Assert.That(await Application.ScalarAsync<string>("select full_name from identity.users where id = $1", alice.Id), Is.EqualTo("Alice"));
    }

    [Test]
    public async Task Cannot_open_its_transaction_to_writes()
    {
        var alice = await SignInAsync();
        await using var scope = ScopeOf(ReaderOf(alice.Id));
        await ExecuteAsync(scope.ServiceProvider, $"select 1");

        var refused = Assert.CatchAsync<PostgresException>(() => ExecuteAsync(scope.ServiceProvider, $"set transaction read write"));

        Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.ActiveSqlTransaction));
    }

    private static Caller ReaderOf(Guid id) => Caller.Reader(id, $$"""{"sub":"{{id}}","role":"authenticated"}""");

    private static AsyncServiceScope ScopeOf(Caller caller)
    {
        var scope = Application.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = caller;
        return scope;
    }

    private static async Task<Problem> TryAsync(Caller caller, Func<IServiceProvider, Task> write)
    {
        await using var scope = ScopeOf(caller);
        var exception = Assert.CatchAsync(() => write(scope.ServiceProvider))!;
        var refused = exception as PostgresException ?? exception.InnerException as PostgresException;
        Assert.That(refused?.SqlState, Is.EqualTo(PostgresErrorCodes.ReadOnlySqlTransaction), exception.ToString());
        return Problem.From(exception);
    }

    private static Task<T> SendAsync<T>(IServiceProvider scope, IRequest<T> request) => scope.GetRequiredService<IMediator>().Send(request);

    // As the pipeline does it, without the pipeline: the one statement that needs no transaction of its own.
    private static async Task SaveOneRowAsync(IServiceProvider scope)
    {
        var caller = scope.GetRequiredService<ICurrentCaller>();
        var db = Begin(scope);
        db.ApiKeys.Add(Domain.ApiKey.Create(
            caller.UserId, "Mine", [Domain.ApiKey.Read], null, Domain.ApiKeySecret.Create(), scope.GetRequiredService<TimeProvider>().GetUtcNow()));
        await scope.GetRequiredService<DbSession>().CommitAsync(CancellationToken.None);
    }

    private static Task<int> ExecuteAsync(IServiceProvider scope, FormattableString sql) => Begin(scope).Database.ExecuteSqlAsync(sql);

    private static IdentityDbContext Begin(IServiceProvider scope)
    {
        scope.GetRequiredService<DbSession>().Mode = UnitOfWorkMode.Command;
        return scope.GetRequiredService<IdentityDbContext>();
    }
}
