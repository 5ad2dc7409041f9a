using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>Two pools of a module's context: one on the people's login, one on the system jobs'.</summary>
/// <typeparam name="TContext">The module's context.</typeparam>
[SuppressMessage("Performance", "CA1812", Justification = "The container makes it.")]
internal sealed class ModuleContextPool<TContext>(
    PlatformDataSources dataSources, IdentityCommandInterceptor interceptor, ILoggerFactory loggers)
    where TContext : ModuleDbContext
{
    private readonly Lazy<PooledDbContextFactory<TContext>> _people = new(() => Build(dataSources.Api, interceptor, loggers));
    private readonly Lazy<PooledDbContextFactory<TContext>> _system = new(() => Build(dataSources.Worker, interceptor, loggers));

    public TContext Lease(bool system) => (system ? _system : _people).Value.CreateDbContext();

    private static PooledDbContextFactory<TContext> Build(
        NpgsqlDataSource dataSource, IdentityCommandInterceptor interceptor, ILoggerFactory loggers)
    {
        var options = new DbContextOptionsBuilder<TContext>()
            .UseNpgsql(dataSource)
            .UseSnakeCaseNamingConvention()
            .AddInterceptors(interceptor)
            .UseLoggerFactory(loggers)
            .EnableThreadSafetyChecks(false)
            .Options;
        return new PooledDbContextFactory<TContext>(options, poolSize: 64);
    }
}
