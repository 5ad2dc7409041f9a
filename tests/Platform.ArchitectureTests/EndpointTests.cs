using System.Text.Json;
using FluentValidation;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Testing;

namespace Platform.ArchitectureTests;

public sealed class EndpointTests : PlatformTest
{
    [Test]
    public void Every_endpoint_class_is_mapped()
    {
        var classes = Sources.Modules.SelectMany(module => module.GetTypes())
            .Where(type => typeof(IEndpoint).IsAssignableFrom(type) && !type.IsInterface).ToList();
        var mapped = Sources.Files("src/Modules", "*Module.cs").Select(File.ReadAllText).ToList();

        Assert.That(classes, Has.Count.GreaterThan(20));
        Assert.That(classes.Where(type => !mapped.Any(text => text.Contains($".Map<{type.Name}>()", StringComparison.Ordinal))), Is.Empty);
    }

    [Test]
    public void Every_route_is_named_and_says_who_may_use_it()
    {
        var routes = Routes();

        Assert.That(routes, Has.Count.GreaterThan(20));
        Assert.That(
            routes.Where(route => route.Metadata.GetMetadata<IEndpointNameMetadata>() is null
                || (route.Metadata.GetMetadata<IAuthorizeData>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null))
                .Select(route => route.RoutePattern.RawText),
            Is.Empty);
    }

    [Test]
    public async Task Every_route_is_in_the_openapi_document()
    {
        using var visitor = Visitor();
        using var document = JsonDocument.Parse(await visitor.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var operations = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Where(operation => operation.Value.TryGetProperty("operationId", out _))
            .Select(operation => operation.Value.GetProperty("operationId").GetString());

        Assert.That(Routes().Select(route => route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName), Is.SubsetOf(operations));
    }

    [Test]
    public void Every_message_of_a_client_with_a_text_number_or_list_has_a_validator()
    {
        var messages = Sources.Modules.SelectMany(module => module.GetTypes())
            .Where(type => typeof(ICommandBase).IsAssignableFrom(type) || typeof(IQueryBase).IsAssignableFrom(type))
            .Where(type => type.Namespace!.Contains(".Features.", StringComparison.Ordinal))
            .ToList();

        Assert.That(messages, Has.Count.GreaterThan(20));
        Assert.That(
            messages.Where(type => type.GetProperties().Any(property => NeedsRules(property.PropertyType)))
                .Where(type => Application.Services.GetService(typeof(IValidator<>).MakeGenericType(type)) is null),
            Is.Empty);
    }

    private static bool NeedsRules(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(string) || plain == typeof(int) || plain == typeof(long) || plain == typeof(double) || plain == typeof(decimal)
            || (plain.IsGenericType && plain != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(plain));
    }

    private static List<RouteEndpoint> Routes() =>
        [.. Application.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/api/v1", StringComparison.Ordinal))];
}
