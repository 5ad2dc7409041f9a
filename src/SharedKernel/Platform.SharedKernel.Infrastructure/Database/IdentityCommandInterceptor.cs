using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>
/// Runs every statement under the role and claims of the scope's caller, in the same round trip. Npgsql sends the statements of one
/// command with a single Sync message, so that PostgreSQL runs them in one implicit transaction (PostgreSQL manual, "Pipelining"):
/// settings that are local to it end with it, also after an error or a cancel.
/// </summary>
internal sealed class IdentityCommandInterceptor : DbCommandInterceptor
{
    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        await PrepareAsync(command, eventData, cancellationToken);
        return result;
    }

    public override async ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is ModuleDbContext { CommandIsPrefixed: true } context)
        {
            context.CommandIsPrefixed = false;
            await SkipIdentityAsync(result, cancellationToken);
        }

        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await PrepareAsync(command, eventData, cancellationToken);
        return result;
    }

    public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        await PrepareAsync(command, eventData, cancellationToken);
        if (eventData.Context is not ModuleDbContext { CommandIsPrefixed: true } context)
        {
            return result;
        }

        // ExecuteScalar would read the identity's own result: read the statement's by hand.
        context.CommandIsPrefixed = false;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await SkipIdentityAsync(reader, cancellationToken);
        var value = await reader.ReadAsync(cancellationToken) ? reader.GetValue(0) : null;
        return InterceptionResult<object>.SuppressWithResult(value!);
    }

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        if (PreparedStatements.MayBeSpoilt(eventData.Exception))
        {
            ForgetStatements(command, eventData.Context);
        }

        return Task.CompletedTask;
    }

    public override Task CommandCanceledAsync(DbCommand command, CommandEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ForgetStatements(command, eventData.Context);
        return Task.CompletedTask;
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result) => throw Synchronous();

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result) => throw Synchronous();

    public override InterceptionResult<object> ScalarExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result) => throw Synchronous();

    // In a transaction, which has failed, nothing can be said until it is rolled back.
    private static void ForgetStatements(DbCommand command, DbContext? context)
    {
        if (context is ModuleDbContext { Database.CurrentTransaction: not null } module)
        {
            module.StatementsMayBeSpoilt = true;
        }
        else
        {
            PreparedStatements.Forget(command.Connection);
        }
    }

    private static InvalidOperationException Synchronous() => new("The database is used asynchronously only.");

    private static async Task PrepareAsync(DbCommand command, CommandEventData eventData, CancellationToken cancellationToken)
    {
        if (eventData.Context is not ModuleDbContext context)
        {
            throw new InvalidOperationException("Only a module's context may reach the database.");
        }

        context.CommandIsPrefixed = false;
        if (context.IdentityIsSet)
        {
            return;
        }

        var session = context.RequireSession();
        switch (session.Mode)
        {
            case UnitOfWorkMode.Query:
                AddIdentity(command, session, IdentitySql.ReadOnlyPrefix);
                context.CommandIsPrefixed = true;
                break;
            case UnitOfWorkMode.Command when eventData.CommandSource == CommandSource.SaveChanges && context.SavesOneRow && OnlyInserts(context):
                // The command is this one statement: the implicit transaction of its round trip commits it, or nothing.
                AddIdentity(command, session, IdentitySql.PrefixFor(session.Caller));
                context.CommandIsPrefixed = true;
                break;
            case UnitOfWorkMode.Command when context.NextStandsAlone:
                context.NextStandsAlone = false;
                AddIdentity(command, session, IdentitySql.PrefixFor(session.Caller));
                context.CommandIsPrefixed = true;
                break;
            case UnitOfWorkMode.Command:
                // Npgsql sends BEGIN with the first statement: no round trip of its own.
                await context.Database.BeginTransactionAsync(cancellationToken);
                await BeginAsync(command, eventData, context, session, cancellationToken);
                context.IdentityIsSet = true;
                break;
            default:
                throw new InvalidOperationException("A statement ran outside a command or query.");
        }
    }

    private static async Task BeginAsync(
        DbCommand command, CommandEventData eventData, ModuleDbContext context, DbSession session, CancellationToken cancellationToken)
    {
        if (eventData.CommandSource != CommandSource.SaveChanges || OnlyInserts(context))
        {
            AddIdentity(command, session, IdentitySql.PrefixFor(session.Caller));
            context.CommandIsPrefixed = true;
            return;
        }

        // EF counts the rows of each UPDATE and DELETE by the statement's place in the command, so nothing may stand before them.
        await using var identity = command.Connection!.CreateCommand();
        identity.CommandText = IdentitySql.PrefixFor(session.Caller);
        IdentitySql.AddParameters(identity, session.Caller);
        await identity.ExecuteNonQueryAsync(cancellationToken);
    }

    private static bool OnlyInserts(ModuleDbContext context) =>
        context.ChangeTracker.Entries().All(entry => entry.State is EntityState.Added or EntityState.Unchanged);

    private static void AddIdentity(DbCommand command, DbSession session, string prefix)
    {
        command.CommandText = prefix + command.CommandText;
        IdentitySql.AddParameters(command, session.Caller);
    }

    private static async Task SkipIdentityAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        try
        {
            await reader.NextResultAsync(cancellationToken);
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }
}
